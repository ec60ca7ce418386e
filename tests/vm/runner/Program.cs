using EbpfPs.GuestRunner;

const string Usage = """
    usage: EbpfPs.GuestRunner run FILE [TEXT]     runs the kernel tests, those with TEXT in their name; results go to FILE
           EbpfPs.GuestRunner guest FILE [TEXT]   the same in an emulated machine: without the heavy ones, and
                                                  locked down for the last
           EbpfPs.GuestRunner engine FILE [TEXT]  the same, and without those of the agent
           EbpfPs.GuestRunner table FOLDER TEXT GUEST...
                                                  prints the table of the results in FOLDER, and writes it there
           EbpfPs.GuestRunner failed FOLDER TEXT GUEST
                                                  prints the classes that have failed there, with commas between
           EbpfPs.GuestRunner record FOLDER ROOT  puts that table into ROOT's README.md and docs/kernels.md
    """;

switch (args)
{
    case ["run" or "guest" or "engine", string file, .. string[] rest] when rest.Length <= 1:
        using (StreamWriter writer = new(file, append: true) { AutoFlush = true, NewLine = "\n" })
        {
            return TestRun.Run(writer, rest.FirstOrDefault(""), guest: args[0] != "run", agent: args[0] != "engine");
        }

    case ["table", string folder, string text, .. string[] guests] when guests.Length > 0:
        return KernelTable.Print(folder, text, guests);

    case ["failed", string folder, string text, string guest]:
        Console.WriteLine(KernelTable.FailedClasses(folder, text, guest));
        return 0;

    case ["record", string folder, string root]:
        KernelTable.Record(folder, root);
        return 0;

    default:
        Console.Error.WriteLine(Usage);
        return 2;
}
