using EbpfPs.GuestRunner;

const string Usage = """
    usage: EbpfPs.GuestRunner run FILE [TEXT]     runs the kernel tests, those with TEXT in their name; results go to FILE
           EbpfPs.GuestRunner guest FILE [TEXT]   the same without the heavy ones, for an emulated machine
           EbpfPs.GuestRunner table FOLDER TEXT KERNEL...
                                                  prints the table of the results in FOLDER, and writes it there
    """;

switch (args)
{
    case ["run" or "guest", string file, .. string[] rest] when rest.Length <= 1:
        using (StreamWriter writer = new(file, append: true) { AutoFlush = true, NewLine = "\n" })
        {
            return TestRun.Run(writer, rest.FirstOrDefault(""), heavy: args[0] == "run");
        }

    case ["table", string folder, string text, .. string[] kernels] when kernels.Length > 0:
        return KernelTable.Print(folder, text, kernels);

    default:
        Console.Error.WriteLine(Usage);
        return 2;
}
