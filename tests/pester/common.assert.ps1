# What commands refuse, and what Tab offers.

# Runs commands that must fail, and returns their one error record. More errors than one, or none, fail the test; so
# does anything that comes out before.
function Get-TheError([scriptblock] $Command) {
    $ErrorActionPreference = 'Continue'
    $global:Error.Clear()
    try {
        $output = @(& $Command 2>$null)
    }
    catch {
        # A terminating error is in $Error too: both kinds are counted there.
        $output = @()
    }

    $errors = @($global:Error)
    $global:Error.Clear()
    $errors.Count | Should -Be 1 -Because "exactly one error is due, and not: $($errors -join ' | ')"
    $output | Should -BeNullOrEmpty -Because 'a command that fails gives nothing'
    $errors[0]
}

# What is the same for all errors of the module: where they come from, a category, a stable id, and what to do.
function Assert-Error {
    param(
        [Parameter(Mandatory, Position = 0)] [System.Management.Automation.ErrorRecord] $ErrorRecord,
        [Parameter(Mandatory)] [string] $Id,
        [Parameter(Mandatory)] [string] $Category,
        [Parameter(Mandatory)] [AllowNull()] [object] $Target,
        [Parameter(Mandatory)] [string] $Message,
        [Parameter(Mandatory)] [string] $Action
    )

    $ErrorRecord.FullyQualifiedErrorId | Should -Be $Id
    $ErrorRecord.CategoryInfo.Category | Should -Be $Category
    $ErrorRecord.TargetObject | Should -Be $Target
    $ErrorRecord.ToString() | Should -Match $Message
    $ErrorRecord.ErrorDetails.RecommendedAction | Should -Match $Action
}

# What Tab offers at the end of a line.
function Get-Completion([string] $Line) {
    @((TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches)
}

# What PowerShell shows, as lines without those that are empty.
function Get-Line {
    param([Parameter(ValueFromPipeline)] $Shown, [int] $Width = 100)
    begin { $all = [System.Collections.Generic.List[object]]::new() }
    process { $all.Add($Shown) }
    end { @(($all | Out-String -Width $Width).Split("`n").TrimEnd() | Where-Object Length) }
}

# A terminal acts on none of these; half a character is what a byte became that is not UTF-8.
function Assert-Harmless([string[]] $Line) {
    $text = $Line -join ''
    $text | Should -Not -BeNullOrEmpty
    $text | Should -Not -Match '[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]'
    $text | Should -Not -Match '(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])'
}
