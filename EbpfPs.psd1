# The manifest's source. The build fills in what is marked and writes output/EbpfPs/EbpfPs.psd1
# (src/EbpfPs/Module.targets); this folder itself is not a module, and importing it says so.
@{
    RootModule           = 'src/EbpfPs/NotBuilt.psm1' # build: EbpfPs.dll
    ModuleVersion        = '0.0.0'                    # build: Version of Directory.Build.props
    GUID                 = '0b40138d-ad7a-4730-acf3-1dbc357b5112'
    Author               = 'EbpfPs contributors'
    CompanyName          = ''
    Copyright            = 'Copyright (c) EbpfPs contributors'
    Description          = 'The Linux kernel as a source of typed objects: eBPF tracing in the PowerShell pipeline.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    TypesToProcess       = @()                        # build: EbpfPs.Types.ps1xml
    FormatsToProcess     = @()                        # build: EbpfPs.Format.ps1xml
    CmdletsToExport      = @()                        # build: one for each file in src/EbpfPs/Cmdlets
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Tags = @('eBPF', 'bpf', 'tracing', 'observability', 'kernel', 'Linux', 'PSEdition_Core')
        }
    }
}
