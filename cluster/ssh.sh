#!/usr/bin/env bash
# One worker on each of several hosts, by ssh; the coordinator runs here.
#   cluster/ssh.sh CONFIG RUN_DIR LISTEN_ADDRESS HOST [HOST...]
# Example:
#   cluster/ssh.sh configs/albert-base.yaml /shared/runs/albert 10.0.0.1 node-a node-b node-c
#
# Expects: ssh without a password to every HOST, this checkout (built) and the run directory at the same paths on all of
# them, and a trusted network between them: connections are not encrypted. LISTEN_ADDRESS is this machine's address as
# the hosts see it. Ranks follow the order of the hosts. Set RESUME=1 to continue a run.
set -euo pipefail

usage="usage: cluster/ssh.sh CONFIG RUN_DIR LISTEN_ADDRESS HOST [HOST...]"
[ $# -ge 4 ] || { echo "$usage" >&2 && exit 64; }
config=$(realpath "$1")
run=$(realpath -m "$2")
address=$3
shift 3
hosts=("$@")
troupe=${TROUPE:-$(realpath "$(dirname "$0")/../.build/release/troupe")}
endpoint="tcp://$address:${PORT:-5555}"

"$troupe" coordinator --listen "$endpoint" --workers ${#hosts[@]} --config "$config" --run-dir "$run" \
    ${RESUME:+--resume} &
coordinator=$!
trap 'kill -TERM "$coordinator" 2>/dev/null || true' INT TERM

rank=0
for host in "${hosts[@]}"; do
    # The remote side finds its own address by asking which one leads to the coordinator.
    remote=$(
        cat <<REMOTE
own=\$(ip -o route get $(printf '%q' "$address") | sed -n 's/.* src \([0-9.]*\).*/\1/p')
exec $(printf '%q' "$troupe") worker --coordinator $(printf '%q' "$endpoint") --rank $rank \
    --control-endpoint "tcp://\$own:*" --data-endpoint "tcp://\$own:*"
REMOTE
    )
    ssh -o BatchMode=yes "$host" "$remote" &
    rank=$((rank + 1))
done

status=0
while :; do
    wait "$coordinator" && status=0 || status=$?
    kill -0 "$coordinator" 2>/dev/null || break
done
wait
exit "$status"
