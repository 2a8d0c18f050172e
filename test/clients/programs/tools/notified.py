"""What systemd would be told: each line that arrives on the socket, which stands when it says so."""

import socket
import sys

path = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(path)
print("listening", flush=True)
while True:
    for line in receiver.recv(65536).decode().split("\n"):
        if line:
            print(line, flush=True)
