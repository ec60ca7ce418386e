/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Maps of every kind that can be read, and types of every kind that a value can have. No programs. */
#include "kernel_types.bpf.h"

enum colour {
	RED,
	GREEN = 5,
	BLUE = 7,
};

enum level {
	LOW = -2,
	HIGH = 2,
};

typedef unsigned char byte_of_data;

struct point {
	s32 x;
	s32 y;
};

struct everything {
	_Bool flag;
	signed char tiny;
	unsigned char small;
	short medium;
	unsigned short port;
	int number;
	unsigned int count;
	long large;
	unsigned long huge;
	__int128 wide;
	unsigned __int128 widest;
	float ratio;
	double precise;
	char text[8];
	byte_of_data data[4];
	enum colour colour;
	enum colour unnamed;
	enum level level;
	void *address;
	const struct point *pointer;
	struct point nested;
	struct point corners[2];
	int matrix[2][3];
	enum colour palette[2];
	unsigned int low_bits : 3;
	int signed_bits : 5;
	enum colour colour_bits : 3;
	unsigned long far_bits : 40;
	union {
		u32 whole;
		u16 halves[2];
	};
	struct {
		u8 first;
		u8 second;
	};
	union {
		u32 a;
		u8 b[4];
	} named;
};

struct statistics {
	u64 count;
	u64 minimum;
	u64 maximum;
	u32 small;
	s32 balance;
	u16 min;
	short max;
	_Bool any;
	enum colour colour;
	char text[8];
	u64 slots[4];
	s32 parts[2];
	struct point nested;
	double sum;
	unsigned int bits : 4;
	_Bool flag_bit : 1;
	enum colour colour_bits : 3;
	__int128 wide;
};

struct times {
	u64 count;
	u64 total;
	u64 minimum;
	u64 maximum;
	u64 slots[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1000);
	__type(key, struct point);
	__type(value, struct everything);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 50000);
	__type(key, u32);
	__type(value, u64);
} large SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 100);
	__type(key, char[8]);
	__type(value, u32);
} lru SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 300);
	__type(key, u32);
	__type(value, s64);
} array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 3);
	__type(key, u32);
	__type(value, u32);
} percpu_array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 100);
	__type(key, u32);
	__type(value, struct statistics);
} percpu_hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 100);
	__type(key, u32);
	__type(value, struct times);
} lru_percpu_hash SEC(".maps");

/* Without types. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10);
	__uint(key_size, 4);
	__uint(value_size, 6);
} untyped SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 10);
	__uint(value_size, 4);
} queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} records SEC(".maps");

const volatile u32 knob = 7;
u64 counter = 42;

char LICENSE[] SEC("license") = "Dual MIT/GPL";
