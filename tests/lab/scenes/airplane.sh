# Alpha sees Bravo, over Bluetooth; its Wi-Fi Direct seeks in vain. In airplane mode nothing leaves its
# radios, and its adapter answers nobody. Afterwards it sees Bravo again.
bluetooth 2
wifi 1
for number in 1 2; do home $number air; done
radio 1 0
handset 1 lab-airplane --transport bluetooth:hci0 --transport wifi-direct:wlan0 --sound silence
handset 2 lab-seen --transport bluetooth:hci1 --sound silence
sent() { hciconfig hci0 | sed -n 's/.*TX bytes:\([0-9]*\) .*/\1/p'; }

await 1 180 "sees Bravo"
before=$(sent)
await 1 60 "airplane mode"
[ "$(sent)" -gt "$before" ] || fail "hciconfig counts nothing"
nap 2
from=$EPOCHREALTIME
before=$(sent)
[ "$(linked 0)" -eq 0 ] || fail "there is a link in airplane mode"
hciconfig hci0 | grep -q "UP RUNNING $" || fail "the adapter answers in airplane mode"
nap 10
[ "$(sent)" -eq "$before" ] || fail "Bluetooth sends in airplane mode"
echo "sealed-air.pcapng $from $EPOCHREALTIME" >>"$out/silent"
echo "sealed-air.pcapng wlan.sa==42:00:00:00:00:00" >>"$out/packets" # before and after that
note "airplane mode: Bluetooth has sent nothing for 10 s"
finish 1
measure "airplane mode ended to seen" "$(when 1 "ends airplane mode")" "$(when 1 "sees Bravo again")"
