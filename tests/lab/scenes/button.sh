# Alpha talks by the button of a speaker microphone, from whatever screen; released, or unplugged while
# it is pressed, it closes the microphone, and plugged in again it is taken again.
home 1
home 2
cable 1 2
modprobe uinput && modprobe evdev || fail "the kernel has no input devices"
mkfifo /tmp/finger
: >"$out/log-button" # is read at once
button "Lab Speaker Mic" <>/tmp/finger >"$out/log-button" 2>&1 &
background+=($!)
has_done() { [ "$(grep -c "done: $1" "$out/log-button")" -gt "$2" ]; } # WORD TIMES
finger() { # WORD
    local count
    count=$(grep -c "done: $1" "$out/log-button")
    echo "$1" >/tmp/finger
    until_true 10 "the finger does $1" has_done "$1" "$count"
}
finger plug
until_true 10 "the kernel has the button" test -e /dev/input/event0
handset 1 lab-button-1 --transport udp:eth0 --ptt "speaker mic" --ptt-grab --sound silence
handset 2 lab-button-2 --transport udp:eth0 --sound silence

await 1 240 "ready"
finger other
nap 1
grep -q " open$" "$out/said-1" && fail "another key opens the microphone"
finger press
await 1 20 "open"
nap 1
from=$EPOCHREALTIME
finger release
await 1 20 "closed"
measure "button released to microphone closed" "$from" "$(when 1 closed)"
finger press
await 1 20 "open again"
from=$EPOCHREALTIME
finger unplug
await 1 20 "closed by unplugging"
measure "button unplugged to microphone closed" "$from" "$(when 1 "closed by unplugging")"
finger plug
await 1 20 "taken again"
finger press
await 1 20 "open at last"
finger release
finish
