using EbpfPs.Interop;

namespace EbpfPs.Bpf;

/// <summary>
/// What io_uring's tracepoints tell on the running kernel. Their arguments changed in 5.14, 5.18, 6.0 and after 6.12;
/// the kernel's BTF has how many there are, and bpf/include/uring.bpf.h what each form means.
/// </summary>
internal sealed record IoUringTracepoints
{
    private static readonly Lazy<IoUringTracepoints> _here = new(Read);

    /// <summary>How a request is known when it completes: <c>enum uring_form</c>.</summary>
    public enum Forms : uint
    {
        /// <summary>Not at all: the request itself is not among the arguments before Linux 5.14.</summary>
        Unseen = 0,

        /// <summary>By the ring and the number that the program gave it.</summary>
        ByUserData = 1,

        /// <summary>By its address; the result is an argument.</summary>
        ByRequest = 2,

        /// <summary>By its address; the result is in the completion queue's entry.</summary>
        ByEntry = 3,
    }

    /// <summary>Those of the running kernel.</summary>
    public static IoUringTracepoints Here => _here.Value;

    /// <summary>Whether the kernel has io_uring at all.</summary>
    public bool HasIoUring { get; private init; }

    /// <summary>How a request is known when it completes.</summary>
    public Forms Form { get; private init; }

    /// <summary>Whether the ring stands before the request in the arguments.</summary>
    public bool RingFirst { get; private init; }

    /// <summary>The tracepoint of a submission; empty where requests can't be seen.</summary>
    public string Submission { get; private init; } = "";

    /// <summary>Whether a request that is refused at once can be seen.</summary>
    public bool Refusals { get; private init; }

    /// <summary>Tells the form from the numbers of arguments.</summary>
    /// <param name="hasIoUring">Whether the kernel has io_uring.</param>
    /// <param name="submitReq">Arguments of io_uring_submit_req (Linux 6.4); null where there is no such tracepoint.</param>
    /// <param name="submitSqe">Of io_uring_submit_sqe, its name before.</param>
    /// <param name="complete">Of io_uring_complete.</param>
    /// <param name="failed">Of io_uring_req_failed.</param>
    public static IoUringTracepoints From(bool hasIoUring, int? submitReq, int? submitSqe, int? complete, int? failed)
    {
        // Without 2 (from 6.0) or 7 (from 5.14) arguments the older tracepoint does not have the request.
        bool seen = submitReq == 1 || submitSqe is 2 or 7;
        bool ringFirst = submitReq is null && submitSqe == 7;
        Forms form = (seen, complete) switch
        {
            (true, 4) => Forms.ByUserData,
            (true, 5 or 7) => Forms.ByRequest,
            (true, 3) when !ringFirst => Forms.ByEntry,
            _ => Forms.Unseen,
        };
        return form == Forms.Unseen ? new IoUringTracepoints { HasIoUring = hasIoUring } : new IoUringTracepoints
        {
            HasIoUring = hasIoUring,
            Form = form,
            RingFirst = ringFirst,
            Submission = submitReq is null ? "submit_sqe" : "submit_req",
            Refusals = failed == (ringFirst ? 4 : 3),
        };
    }

    /// <summary>The programs of a probe's object that go with the running kernel's form.</summary>
    /// <param name="refusals">Whether the probe has one for refused requests.</param>
    public IEnumerable<string> Programs(bool refusals)
    {
        if (Form == Forms.Unseen)
        {
            return [];
        }

        IEnumerable<string> always = [$"uring_{Submission}", "uring_complete"];
        return refusals && Refusals ? always.Append("uring_failed") : always;
    }

    /// <summary>Sets the variables of bpf/include/uring.bpf.h.</summary>
    public void Configure(OpenedBpfObject obj)
    {
        obj.SetVariable("uring_form", (uint)Form);
        obj.SetVariable("uring_ring_first", (byte)(RingFirst ? 1 : 0));
    }

    private static IoUringTracepoints Read()
    {
        int?[] counts = LibBpf.TracepointArguments(
            ["io_uring_submit_req", "io_uring_submit_sqe", "io_uring_complete", "io_uring_req_failed"], "io_kiocb", out bool hasIoUring);
        return From(hasIoUring, counts[0], counts[1], counts[2], counts[3]);
    }
}
