# Completion of lazycred for PowerShell 7.

using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName lazycred -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @()
    $current = ''
    foreach ($element in $commandAst.CommandElements) {
        if ($element.Extent.StartOffset -ge $cursorPosition) { break }
        $text = if ($element -is [StringConstantExpressionAst]) { $element.Value } else { $element.Extent.Text }
        if ($element.Extent.EndOffset -ge $cursorPosition) { $current = $text } else { $words += $text }
    }
    $program = Get-Command -Name lazycred -CommandType Application -TotalCount 1 -ErrorAction Ignore
    if (-not $program) { return }
    $lines = @($null | & $program complete powershell -- @words $current 2>$null)
    switch ($lines | Select-Object -First 1) {
        'values' {
            $lines | Select-Object -Skip 1 | ForEach-Object {
                $value, $told = $_ -split "`t", 2
                $quoted = if ($value -match '^[A-Za-z0-9_./=+%-]+$') { $value } else {
                    "'" + [CodeGeneration]::EscapeSingleQuotedStringContent($value) + "'"
                }
                $tip = if ($told) { $told } else { $value }
                [CompletionResult]::new($quoted, $value, [CompletionResultType]::ParameterValue, $tip)
            }
        }
        'command' {
            if ($words[-1] -eq '--') { [CompletionCompleters]::CompleteCommand($current) }
            else { [CompletionCompleters]::CompleteFilename($current) }
        }
        'files' { [CompletionCompleters]::CompleteFilename($current) }
    }
}
