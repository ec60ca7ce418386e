/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Sockets: from a descriptor to the kernel's sock, and the ends of a TCP connection. */
#ifndef EBPFPS_SOCKET_BPF_H
#define EBPFPS_SOCKET_BPF_H

#include "bounds.bpf.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define S_IFMT 0170000
#define S_IFSOCK 0140000

/* include/net/tcp_states.h */
enum tcp_state {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT = 2,
	TCP_SYN_RECV = 3,
	TCP_FIN_WAIT1 = 4,
	TCP_FIN_WAIT2 = 5,
	TCP_TIME_WAIT = 6,
	TCP_CLOSE = 7,
	TCP_CLOSE_WAIT = 8,
	TCP_LAST_ACK = 9,
	TCP_LISTEN = 10,
	TCP_CLOSING = 11,
};

/* include/net/sock.h, enum sock_flags: the other end's FIN has come. */
#define SOCK_DONE 1

/* Addresses in network order, IPv4 in the first four bytes; ports in host order. */
struct connection_ends {
	u16 family;
	u16 local_port;
	u16 remote_port;
	u16 reserved;
	u8 local[16];
	u8 remote[16];
};

static __always_inline bool is_tcp(const struct sock *sk)
{
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	return BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP && (family == AF_INET || family == AF_INET6);
}

/*
 * inet_sport, not skc_num: closing has given the port back and cleared skc_num by the time that
 * the state changes (tcp_set_state() of net/ipv4/tcp.c).
 */
static __always_inline void read_ends(const struct sock *sk, struct connection_ends *ends)
{
	const struct inet_sock *inet = (const void *)sk;

	ends->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	ends->local_port = bpf_ntohs(BPF_CORE_READ(inet, inet_sport));
	ends->remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (ends->family == AF_INET) {
		BPF_CORE_READ_INTO((u32 *)ends->local, sk, __sk_common.skc_rcv_saddr);
		BPF_CORE_READ_INTO((u32 *)ends->remote, sk, __sk_common.skc_daddr);
	} else {
		BPF_CORE_READ_INTO(&ends->local, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
		BPF_CORE_READ_INTO(&ends->remote, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
	}
}

/* include/uapi/linux/in.h, in6.h: the start of both kinds of address. */
struct socket_address {
	u16 family;
	u16 port;
	union {
		u32 v4;
		struct {
			u32 flow;
			u8 address[16];
		} v6;
	};
};

/* An address as a caller gives it; all zero where it can't be read. */
static __always_inline void read_address(const void *address, u64 length, struct socket_address *given)
{
	struct socket_address nothing = {};

	*given = nothing;
	if (bpf_probe_read_user(given, at_most(length, sizeof(*given)), address))
		*given = nothing;
}

/* The remote end as a caller gave it, for a connect that never got as far as the socket. */
static __always_inline void set_remote(struct connection_ends *ends, const struct socket_address *given)
{
	__builtin_memset(ends->remote, 0, sizeof(ends->remote));
	ends->remote_port = 0;
	if (given->family != AF_INET && given->family != AF_INET6)
		return;
	ends->remote_port = bpf_ntohs(given->port);
	if (given->family == ends->family && given->family == AF_INET)
		__builtin_memcpy(ends->remote, &given->v4, sizeof(given->v4));
	else if (given->family == ends->family)
		__builtin_memcpy(ends->remote, given->v6.address, sizeof(given->v6.address));
}

static __always_inline struct socket *socket_of_file(struct file *file)
{
	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	return BPF_CORE_READ(file, private_data);
}

/* A file's TCP socket, or NULL. */
static __always_inline struct sock *tcp_of(struct socket *socket)
{
	struct sock *sk = socket ? BPF_CORE_READ(socket, sk) : NULL;

	return sk && is_tcp(sk) ? sk : NULL;
}

/* The socket behind one of a task's descriptors, or NULL; the caller's descriptor table is stable enough. */
static __always_inline struct socket *socket_of(struct task_struct *task, u64 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files, *file;

	if (fd >= BPF_CORE_READ(table, max_fds))
		return NULL;
	files = BPF_CORE_READ(table, fd);
	if (bpf_probe_read_kernel(&file, sizeof(file), files + fd))
		return NULL;
	return socket_of_file(file);
}

#endif
