#!/bin/sh
# httpd runs this for "/". Only what is built into the shell: one process a request. Its
# standard error is the container's log.
read -r name < /proc/sys/kernel/hostname
printf 'Content-Type: text/plain\r\nCache-Control: no-store\r\n\r\n%s\n' "$name"
echo "$REQUEST_METHOD $REQUEST_URI from $REMOTE_ADDR" >&2
