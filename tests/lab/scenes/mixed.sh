# One group over both: Alpha has Bluetooth alone, Charlie Wi-Fi Direct alone, and Bravo both, so that
# what Alpha and Charlie say to each other goes through Bravo.
bluetooth 2
wifi 2
home 1 air
home 2 air
home 3
radio 2 0
radio 3 1
handset 1 lab-1 --transport bluetooth:hci0
handset 2 lab-2 --transport bluetooth:hci1 --transport wifi-direct:wlan0
handset 3 lab-3 --transport wifi-direct:wlan1
meet_and_talk
