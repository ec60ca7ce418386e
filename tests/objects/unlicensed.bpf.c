/* SPDX-License-Identifier: MIT */
/* A program without a licence that the kernel's GPL-only helpers take. */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Proprietary";

SEC("raw_tracepoint/sys_enter")
int calls_gpl_helper(void *ctx)
{
	return bpf_get_current_task() != 0; /* fault: calls_gpl_helper */
}
