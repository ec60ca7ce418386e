# The root module of the manifest's source: sources can't be imported, only what the build makes of them.
$built = Join-Path $PSScriptRoot '../../output/EbpfPs' | Resolve-Path -ErrorAction Ignore
$exception = [System.InvalidOperationException]::new('This folder holds the sources of EbpfPs, not the module.')
$record = [System.Management.Automation.ErrorRecord]::new($exception, 'EbpfPs.NotBuilt', 'InvalidOperation', $PSScriptRoot)
$record.ErrorDetails = [System.Management.Automation.ErrorDetails]::new($exception.Message)
$record.ErrorDetails.RecommendedAction = $built ? "Import-Module $built" : 'Build first (dotnet build), then Import-Module ./output/EbpfPs'
throw $record
