/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The open probe's record, and what the arguments of each call come to. */
#ifndef EBPFPS_OPEN_EVENT_BPF_H
#define EBPFPS_OPEN_EVENT_BPF_H

#include "bounds.bpf.h"
#include "core_fixes.bpf.h"
#include "filter.bpf.h"

enum open_stream {
	STREAM_OPEN = 0,
	STREAM_CREAT = 1,
	STREAM_OPENAT = 2,
	STREAM_OPENAT2 = 3,
	STREAM_RAW = 4,
	STREAM_URING = 5,
	STREAM_URING_FAILED = 6, /* makes no records: a place for one, and for the account of starts */
};

/* include/uapi/asm-generic/fcntl.h; fs/open.c: creat(2) is open(2) with these. */
#define O_WRONLY 01
#define O_CREAT 0100
#define O_TRUNC 01000
#define __O_TMPFILE 020000000
#define AT_FDCWD -100

struct open_event {
	struct event_header header;
	u64 duration; /* ns */
	s32 directory;
	s32 result; /* a descriptor, or -errno */
	u32 open_flags;
	u32 mode;
	u64 filename_size; /* bytes, without NUL */
	char filename[];
};

/* One byte beyond PATH_MAX tells a name that fits from one that is cut. */
#define FILENAME_SPACE (PATH_MAX + 1)

struct scratch {
	struct open_event event;
	char filename[PATH_MAX + 8];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_STREAMS);
	__type(key, u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

const volatile u64 minimum_duration = 0; /* ns */

/* What each call's arguments come to. */
struct open_arguments {
	u64 filename;
	s32 directory;
	u32 flags;
	u32 mode;
};

/* build_open_how() of fs/open.c: a call that makes no file has no mode, whatever its register holds. */
static __always_inline u32 mode_of(u32 flags, u64 mode)
{
	return flags & (O_CREAT | __O_TMPFILE) ? mode : 0;
}

static __always_inline struct open_arguments open_arguments(u32 call, const u64 *raw)
{
	struct open_arguments of = { .directory = AT_FDCWD };
	struct open_how how = {};

	switch (call) {
	case STREAM_OPEN:
		of.filename = raw[0];
		of.flags = raw[1];
		of.mode = mode_of(raw[1], raw[2]);
		break;
	case STREAM_CREAT:
		of.filename = raw[0];
		of.flags = O_CREAT | O_WRONLY | O_TRUNC;
		of.mode = raw[1];
		break;
	case STREAM_OPENAT:
		of.directory = raw[0];
		of.filename = raw[1];
		of.flags = raw[2];
		of.mode = mode_of(raw[2], raw[3]);
		break;
	case STREAM_OPENAT2:
		of.directory = raw[0];
		of.filename = raw[1];
		bpf_probe_read_user(&how, sizeof(how), (void *)raw[2]);
		of.flags = how.flags;
		of.mode = how.mode;
		break;
	}
	return of;
}

/* Fills what is the call's own; read is what reading the name gave. Returns the record's size. */
static __always_inline u32 fill_open(struct open_event *event, const struct open_arguments *of, long read)
{
	event->directory = of->directory;
	event->open_flags = of->flags;
	event->mode = of->mode;
	event->filename_size = 0;
	if (read > PATH_MAX)
		event->header.flags |= EVENT_TRUNCATED;
	if (read <= 0)
		return sizeof(*event);
	event->filename_size = at_most(read - 1, PATH_MAX);
	return sizeof(*event) + event->filename_size;
}

#endif
