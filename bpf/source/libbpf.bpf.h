/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a source with SEC() gets that includes nothing. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
