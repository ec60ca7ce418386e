/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Variables of every kind. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum level {
	LOW = -2,
	HIGH = 2,
};

struct settings {
	short limit;
	unsigned int low : 3;
	int signed_bits : 5;
	char name[8];
	union {
		unsigned int word;
		unsigned char bytes[4];
	};
	struct {
		int depth;
	} inner;
};

const volatile signed char tiny = 1;
const volatile unsigned char small = 1;
const volatile short medium = 1;
const volatile unsigned short port = 1;
const volatile int number = 1;
const volatile unsigned int count = 1;
const volatile long long large = 1;
const volatile unsigned long long huge = 1;
const volatile __int128 wide = 1;
const volatile _Bool flag = 0;
const volatile enum level level = HIGH;
const volatile double ratio = 1;
const volatile float factor = 1;
const volatile char text[8] = "before";
const volatile unsigned char bytes[4] = { 1, 1, 1, 1 };
const volatile int numbers[3] = { 1, 1, 1 };
const volatile struct settings settings = { .limit = 5, .low = 1 };
void *volatile pointer;
int data = 7;
int zero;

SEC("raw_tracepoint/sys_enter")
int reads(void *ctx)
{
	return tiny + small + medium + port + number + count + large + huge + (int)wide + flag + level + text[0] + bytes[0] + numbers[0]
		+ settings.limit + *(volatile long long *)&ratio + *(volatile int *)&factor + (pointer != 0) + data + zero;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
