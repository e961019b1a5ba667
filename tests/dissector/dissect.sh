# dissect.sh - for checks: `dissect CAPTURE ARGUMENT...` is tshark with Muster's dissector, in the folder $work.
# Ends the check where the script itself fails, or where another version of it is installed, which tshark would use.

# The user's own settings are no part of a test.
export HOME="$work" XDG_CONFIG_HOME="$work" TZ=UTC

plugins=$(tshark -G folders 2>"$work/errors" | sed -n 's/^Global Lua Plugins:[[:space:]]*//p')
if [ -e "$plugins/muster.lua" ] && ! cmp -s "$plugins/muster.lua" fixtures/wireshark/muster.lua; then
    echo "$plugins/muster.lua is another version of the dissector: make install, or remove it"
    exit 77
fi

dissect() {
    capture=$1
    shift
    tshark -X lua_script:fixtures/wireshark/muster.lua -r "$work/$capture" "$@" 2>"$work/errors" || {
        cat "$work/errors" >&2
        exit 1
    }
    if grep -i lua "$work/errors" >&2; then exit 1; fi
}
