# fish loads this at the first TAB after awsenv; where the integration is loaded, that has its own.
if not functions -q __awsenv_complete
    set -q __awsenv_program; or set -g __awsenv_program awsenv
    command awsenv init fish --completion 2>/dev/null | source
    complete -c awsenv -f -a '(__awsenv_complete)'
end
