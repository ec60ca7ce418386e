/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Maps that ask to be pinned by their names, and a program that counts in one of them. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct count {
	unsigned long long calls;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, unsigned int);
	__type(value, struct count);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} ebpfps_test_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, unsigned int);
	__type(value, unsigned int);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} ebpfps_test_second SEC(".maps");

const volatile unsigned int traced_pid = 0;

SEC("tp/syscalls/sys_enter_getppid")
int counted(void *ctx)
{
	unsigned int pid = bpf_get_current_pid_tgid() >> 32;
	struct count first = { .calls = 1 };
	struct count *seen;

	if (pid != traced_pid)
		return 0;
	seen = bpf_map_lookup_elem(&ebpfps_test_counts, &pid);
	if (seen)
		seen->calls++;
	else
		bpf_map_update_elem(&ebpfps_test_counts, &pid, &first, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
