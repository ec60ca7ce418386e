/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Maps of bcc's dialect, and the functions that their methods are: BPF_HASH(start, u32), start_update(&key, &value). */
#ifndef EBPFPS_BCC_MAPS_BPF_H
#define EBPFPS_BCC_MAPS_BPF_H

#define EBPFPS_METHOD static __always_inline __attribute__((overloadable))
#define EBPFPS_CHOOSE(_1, _2, _3, _4, _5, name, ...) name

#define EBPFPS_MAP(kind, name, key_type, leaf_type, size) EBPFPS_MAP_WITH(kind, name, key_type, leaf_type, size, )
/* What changes a map gives an int, as in bcc: before Linux 6.4 the upper half of a long would be wrong. */
#define EBPFPS_MAP_WITH(kind, name, key_type, leaf_type, size, more) \
	struct { \
		__uint(type, BPF_MAP_TYPE_##kind); \
		__uint(max_entries, size); \
		more \
		__type(key, key_type); \
		__type(value, leaf_type); \
	} name SEC(".maps"); \
	EBPFPS_METHOD leaf_type *name##_lookup(key_type *key) \
	{ \
		return bpf_map_lookup_elem(&name, key); \
	} \
	EBPFPS_METHOD int name##_update(key_type *key, leaf_type *leaf) \
	{ \
		return bpf_map_update_elem(&name, key, leaf, BPF_ANY); \
	} \
	EBPFPS_METHOD int name##_insert(key_type *key, leaf_type *leaf) \
	{ \
		return bpf_map_update_elem(&name, key, leaf, BPF_NOEXIST); \
	} \
	EBPFPS_METHOD int name##_delete(key_type *key) \
	{ \
		return bpf_map_delete_elem(&name, key); \
	} \
	EBPFPS_METHOD leaf_type *name##_lookup_or_try_init(key_type *key, leaf_type *leaf) \
	{ \
		leaf_type *found = bpf_map_lookup_elem(&name, key); \
\
		if (found) \
			return found; \
		bpf_map_update_elem(&name, key, leaf, BPF_NOEXIST); \
		return bpf_map_lookup_elem(&name, key); \
	} \
	EBPFPS_METHOD leaf_type *name##_lookup_or_init(key_type *key, leaf_type *leaf) \
	{ \
		return name##_lookup_or_try_init(key, leaf); \
	}

/* Values that aren't numbers of 4 or 8 bytes have nothing to count. */
#define EBPFPS_COUNTS(name, key_type, leaf_type) \
	EBPFPS_METHOD void name##_atomic_increment(key_type key, unsigned long long by) \
	{ \
		leaf_type zero = {0}, *found = name##_lookup_or_try_init(&key, &zero); \
\
		if (found && sizeof(*found) == sizeof(u64)) \
			__sync_fetch_and_add((u64 *)found, by); \
		else if (found && sizeof(*found) == sizeof(u32)) \
			__sync_fetch_and_add((u32 *)found, by); \
	} \
	EBPFPS_METHOD void name##_atomic_increment(key_type key) \
	{ \
		name##_atomic_increment(key, 1); \
	} \
	EBPFPS_METHOD void name##_increment(key_type key, unsigned long long by) \
	{ \
		name##_atomic_increment(key, by); \
	} \
	EBPFPS_METHOD void name##_increment(key_type key) \
	{ \
		name##_atomic_increment(key, 1); \
	}

/* BPF_HASH(name[, key[, leaf[, size]]]) */
#define BPF_HASH(...) EBPFPS_CHOOSE(__VA_ARGS__, , EBPFPS_HASH4, EBPFPS_HASH3, EBPFPS_HASH2, EBPFPS_HASH1)(HASH, __VA_ARGS__)
#define BPF_LRU_HASH(...) EBPFPS_CHOOSE(__VA_ARGS__, , EBPFPS_HASH4, EBPFPS_HASH3, EBPFPS_HASH2, EBPFPS_HASH1)(LRU_HASH, __VA_ARGS__)
#define BPF_PERCPU_HASH(...) \
	EBPFPS_CHOOSE(__VA_ARGS__, , EBPFPS_HASH4, EBPFPS_HASH3, EBPFPS_HASH2, EBPFPS_HASH1)(PERCPU_HASH, __VA_ARGS__)
#define EBPFPS_HASH1(kind, name) EBPFPS_HASH2(kind, name, u64)
#define EBPFPS_HASH2(kind, name, key) EBPFPS_HASH4(kind, name, key, u64, 10240)
#define EBPFPS_HASH3(kind, name, key, leaf) EBPFPS_HASH4(kind, name, key, leaf, 10240)
#define EBPFPS_HASH4(kind, name, key, leaf, size) EBPFPS_MAP(kind, name, key, leaf, size) EBPFPS_COUNTS(name, key, leaf)

#define BPF_LRU_PERCPU_HASH(...) \
	EBPFPS_CHOOSE(__VA_ARGS__, , EBPFPS_HASH4, EBPFPS_HASH3, EBPFPS_HASH2, EBPFPS_HASH1)(LRU_PERCPU_HASH, __VA_ARGS__)

/* BPF_TABLE("kind", key, leaf, name, size); the translation has taken the quotation marks away. */
#define BPF_TABLE(kind, key, leaf, name, size) EBPFPS_TABLE_##kind(key, leaf, name, size)
#define EBPFPS_TABLE_hash(key, leaf, name, size) EBPFPS_HASH4(HASH, name, key, leaf, size)
#define EBPFPS_TABLE_lru_hash(key, leaf, name, size) EBPFPS_HASH4(LRU_HASH, name, key, leaf, size)
#define EBPFPS_TABLE_percpu_hash(key, leaf, name, size) EBPFPS_HASH4(PERCPU_HASH, name, key, leaf, size)
#define EBPFPS_TABLE_lru_percpu_hash(key, leaf, name, size) EBPFPS_HASH4(LRU_PERCPU_HASH, name, key, leaf, size)
#define EBPFPS_TABLE_array(key, leaf, name, size) EBPFPS_HASH4(ARRAY, name, key, leaf, size)
#define EBPFPS_TABLE_percpu_array(key, leaf, name, size) EBPFPS_HASH4(PERCPU_ARRAY, name, key, leaf, size)
#define EBPFPS_TABLE_histogram(key, leaf, name, size) EBPFPS_MAP(HASH, name, key, EBPFPS_SLOT, size) EBPFPS_COUNTS(name, key, EBPFPS_SLOT)

/* BPF_LPM_TRIE(name[, key[, leaf[, size]]]): the kernel makes such maps without preallocation alone. */
#define BPF_LPM_TRIE(...) EBPFPS_CHOOSE(__VA_ARGS__, , EBPFPS_TRIE4, EBPFPS_TRIE3, EBPFPS_TRIE2, EBPFPS_TRIE1)(__VA_ARGS__)
#define EBPFPS_TRIE1(name) EBPFPS_TRIE4(name, u64, u64, 10240)
#define EBPFPS_TRIE2(name, key) EBPFPS_TRIE4(name, key, u64, 10240)
#define EBPFPS_TRIE3(name, key, leaf) EBPFPS_TRIE4(name, key, leaf, 10240)
#define EBPFPS_TRIE4(name, key, leaf, size) EBPFPS_MAP_WITH(LPM_TRIE, name, key, leaf, size, __uint(map_flags, BPF_F_NO_PREALLOC);)

/* BPF_QUEUE(name, leaf, size[, flags]) and BPF_STACK, its like */
#define BPF_QUEUE(name, leaf_type, size, flags...) EBPFPS_ROW(QUEUE, name, leaf_type, size)
#define BPF_STACK(name, leaf_type, size, flags...) EBPFPS_ROW(STACK, name, leaf_type, size)
#define EBPFPS_ROW(kind, name, leaf_type, size) \
	struct { \
		__uint(type, BPF_MAP_TYPE_##kind); \
		__uint(max_entries, size); \
		__type(value, leaf_type); \
	} name SEC(".maps"); \
	EBPFPS_METHOD int name##_push(leaf_type *leaf, unsigned long flags) \
	{ \
		return bpf_map_push_elem(&name, leaf, flags); \
	} \
	EBPFPS_METHOD int name##_push(leaf_type *leaf) \
	{ \
		return bpf_map_push_elem(&name, leaf, BPF_ANY); \
	} \
	EBPFPS_METHOD int name##_pop(leaf_type *leaf) \
	{ \
		return bpf_map_pop_elem(&name, leaf); \
	} \
	EBPFPS_METHOD int name##_peek(leaf_type *leaf) \
	{ \
		return bpf_map_peek_elem(&name, leaf); \
	}

/* BPF_STACK_TRACE(name, size) */
#define BPF_STACK_TRACE(name, size) \
	struct { \
		__uint(type, BPF_MAP_TYPE_STACK_TRACE); \
		__uint(max_entries, size); \
		__uint(key_size, sizeof(u32)); \
		__uint(value_size, 127 * sizeof(u64)); \
	} name SEC(".maps"); \
	EBPFPS_METHOD long name##_get_stackid(void *ctx, unsigned long flags) \
	{ \
		return bpf_get_stackid(ctx, &name, flags); \
	}

/* BPF_ARRAY(name[, leaf[, size]]) */
#define BPF_ARRAY(...) EBPFPS_CHOOSE(__VA_ARGS__, , , EBPFPS_ARRAY3, EBPFPS_ARRAY2, EBPFPS_ARRAY1)(ARRAY, __VA_ARGS__)
#define BPF_PERCPU_ARRAY(...) \
	EBPFPS_CHOOSE(__VA_ARGS__, , , EBPFPS_ARRAY3, EBPFPS_ARRAY2, EBPFPS_ARRAY1)(PERCPU_ARRAY, __VA_ARGS__)
#define EBPFPS_ARRAY1(kind, name) EBPFPS_ARRAY3(kind, name, u64, 10240)
#define EBPFPS_ARRAY2(kind, name, leaf) EBPFPS_ARRAY3(kind, name, leaf, 10240)
#define EBPFPS_ARRAY3(kind, name, leaf, size) EBPFPS_MAP(kind, name, int, leaf, size) EBPFPS_COUNTS(name, int, leaf)

/*
 * BPF_HISTOGRAM(name[, key[, slots]]). The name of the values' type tells the reader (Probes/HistogramReader.cs) that the
 * map is a histogram, and what its slots are.
 */
#ifdef EBPFPS_LINEAR_SLOTS
typedef u64 linear_histogram_slot;
#define EBPFPS_SLOT linear_histogram_slot
#else
typedef u64 log2_histogram_slot;
#define EBPFPS_SLOT log2_histogram_slot
#endif
#define BPF_HISTOGRAM(...) EBPFPS_CHOOSE(__VA_ARGS__, , , EBPFPS_SLOTS3, EBPFPS_SLOTS2, EBPFPS_SLOTS1)(__VA_ARGS__)
#define EBPFPS_SLOTS1(name) EBPFPS_MAP(ARRAY, name, int, EBPFPS_SLOT, 64) EBPFPS_COUNTS(name, int, EBPFPS_SLOT)
#define EBPFPS_SLOTS2(name, key) EBPFPS_SLOTS3(name, key, 64)
#define EBPFPS_SLOTS3(name, key, slots) EBPFPS_MAP(HASH, name, key, EBPFPS_SLOT, slots) EBPFPS_COUNTS(name, key, EBPFPS_SLOT)

#define BPF_PERF_OUTPUT(name) \
	struct { \
		__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); \
		__uint(key_size, sizeof(int)); \
		__uint(value_size, sizeof(int)); \
	} name SEC(".maps"); \
	EBPFPS_METHOD long name##_perf_submit(void *ctx, void *data, unsigned long size) \
	{ \
		return bpf_perf_event_output(ctx, &name, BPF_F_CURRENT_CPU, data, size); \
	}

#define BPF_RINGBUF_OUTPUT(name, pages) \
	struct { \
		__uint(type, BPF_MAP_TYPE_RINGBUF); \
		__uint(max_entries, (pages) * 4096); \
	} name SEC(".maps"); \
	EBPFPS_METHOD long name##_ringbuf_output(void *data, unsigned long size, unsigned long flags) \
	{ \
		return bpf_ringbuf_output(&name, data, size, flags); \
	} \
	EBPFPS_METHOD void *name##_ringbuf_reserve(unsigned long size) \
	{ \
		return bpf_ringbuf_reserve(&name, size, 0); \
	} \
	EBPFPS_METHOD void name##_ringbuf_submit(void *data, unsigned long flags) \
	{ \
		bpf_ringbuf_submit(data, flags); \
	} \
	EBPFPS_METHOD void name##_ringbuf_discard(void *data, unsigned long flags) \
	{ \
		bpf_ringbuf_discard(data, flags); \
	} \
	EBPFPS_METHOD unsigned long name##_ringbuf_query(unsigned long flags) \
	{ \
		return bpf_ringbuf_query(&name, flags); \
	}

#endif
