# Completion of lazycred for PowerShell 7.3 or newer. Type names are written in
# full, since `using` is allowed only at the top of a profile.

Register-ArgumentCompleter -Native -CommandName lazycred -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # Pass arguments that are empty or contain quotes unchanged.
    $PSNativeCommandArgumentPassing = 'Standard'
    $words = @()
    $current = ''
    foreach ($element in $commandAst.CommandElements) {
        if ($element.Extent.StartOffset -ge $cursorPosition) { break }
        $quotable = $element -is [System.Management.Automation.Language.StringConstantExpressionAst] -or
            $element -is [System.Management.Automation.Language.ExpandableStringExpressionAst]
        $text = if ($quotable) { $element.Value } else { $element.Extent.Text }
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
                    "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($value) + "'"
                }
                $tip = if ($told) { $told } else { $value }
                [System.Management.Automation.CompletionResult]::new($quoted, $value, [System.Management.Automation.CompletionResultType]::ParameterValue, $tip)
            }
        }
        'command' {
            if ($words[-1] -eq '--') { [System.Management.Automation.CompletionCompleters]::CompleteCommand($current) }
            else { [System.Management.Automation.CompletionCompleters]::CompleteFilename($current) }
        }
        'files' { [System.Management.Automation.CompletionCompleters]::CompleteFilename($current) }
    }
}
