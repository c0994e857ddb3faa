# Completion of lazycred for fish.

function __lazycred_complete
    set -l typed (commandline -ct)
    set -l current (string unescape -- "$typed"; or string replace -r '^["\']' '' -- "$typed")
    set -l lines (command lazycred complete fish -- (commandline -opc) "$current" </dev/null 2>/dev/null)
    switch "$lines[1]"
        case values
            set -e lines[1]
            for line in $lines
                printf '%s\n' $line
            end
        case files
            set -l option (string match -r '^--[^=]*=' -- "$typed")
            set -l start (string replace -r '^--[^=]*=' '' -- "$typed")
            for path in (__fish_complete_path "$start")
                printf '%s\n' "$option$path"
            end
        case command
            complete -C (commandline -cp | string collect | string replace -r '^.*?\s--\s+' '' | string collect -a)
    end
end

complete -c lazycred -e
complete -c lazycred -f -k -a '(__lazycred_complete)'
