# Three handsets with Bluetooth, where bluetoothd runs, as on most machines. Charlie's user is an
# ordinary one. When the programs have ended, the adapters are as bluetoothd had them.
bluetooth 3
bluetooth_daemon
adapters() { hciconfig -a | grep -E 'Name:|Class:|UP'; }
as_on_most_machines() { [ "$(adapters | grep -c "UP RUNNING $")" -eq 3 ]; }
until_true 20 "bluetoothd to switch the adapters on" as_on_most_machines
before=$(adapters)
for number in 1 2 3; do home $number air; done
ordinary 3
for number in 1 2 3; do handset $number lab-$number --transport bluetooth:hci$((number - 1)); done
meet_and_talk
as_before() { [ "$(adapters)" = "$before" ]; }
until_true 10 "the adapters to be as before" as_before
note "the adapters are as before: ${before//$'\n'/;}"
