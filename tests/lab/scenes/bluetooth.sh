# Three handsets with Bluetooth, where bluetoothd runs, as on most machines. Charlie's user is an
# ordinary one. A stranger's device, hci3, pairs with none of them. When the programs have ended, the
# adapters are as bluetoothd had them.
bluetooth 4
bluetooth_daemon
adapters() { hciconfig -a | grep -E 'Name:|Class:|UP'; }
as_on_most_machines() { [ "$(adapters | grep -c "UP RUNNING $")" -eq 4 ]; }
until_true 20 "bluetoothd to switch the adapters on" as_on_most_machines
each_bondable() { for number in 0 1 2; do is_bondable $number || return; done; }
for number in 0 1 2 3; do manage $number bondable on >/dev/null; done
until_true 20 "adapters that others may pair with" each_bondable
before=$(adapters)
for number in 1 2 3; do home $number air; done
ordinary 3
for number in 1 2 3; do handset $number lab-$number --transport bluetooth:hci$((number - 1)); done
await 1 400 "sees all"
for number in 0 2; do # root's, and the ordinary user's
    said=$(manage 3 pair -c 3 -t 0 "00:4D:55:00:00:0$number")
    [[ $said == *"failed. status"* ]] || fail "a stranger's device paired with hci$number: ${said:-no answer}"
done
note "a stranger's device has paired with nobody"
not_allowed="bthci_cmd.opcode==0x0434 && bthci_cmd.reason==0x18" # what it was answered
echo "open-bluetooth.snoop $not_allowed" >>"$out/packets"
echo "open-bluetooth.snoop bthci_evt.code==0x08 && bthci_evt.encryption_enable!=0" >>"$out/packets"
meet_and_talk
as_before() { [ "$(adapters)" = "$before" ] && each_bondable; }
until_true 10 "the adapters to be as before" as_before
note "the adapters are as before: ${before//$'\n'/;}"
