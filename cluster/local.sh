#!/usr/bin/env bash
# One coordinator and several workers on this machine, each started by hand: what `troupe pretrain` does in one process
# tree, spelled out, for watching or debugging a single process.
#   cluster/local.sh CONFIG RUN_DIR [WORKERS] [--resume]
set -euo pipefail

usage="usage: cluster/local.sh CONFIG RUN_DIR [WORKERS] [--resume]"
config=${1:?$usage}
run=${2:?$usage}
workers=2
resume=()
for argument in "${@:3}"; do
    case $argument in
    --resume) resume=(--resume) ;;
    [1-9]*) workers=$argument ;;
    *) echo "$usage" >&2 && exit 64 ;;
    esac
done
troupe=${TROUPE:-$(dirname "$0")/../.build/release/troupe}
port=${PORT:-5555}
threads=$(($(nproc) / workers))
[ "$threads" -ge 1 ] || threads=1

"$troupe" coordinator --listen "tcp://127.0.0.1:$port" --workers "$workers" \
    --config "$config" --run-dir "$run" ${resume[@]+"${resume[@]}"} &
coordinator=$!
# The coordinator alone is told to stop; it takes the workers with it.
trap 'kill -TERM "$coordinator" 2>/dev/null || true' INT TERM

for ((rank = 0; rank < workers; rank++)); do
    "$troupe" worker --coordinator "tcp://127.0.0.1:$port" --rank "$rank" --threads "$threads" &
done

# `wait` returns early when a signal arrives, so wait until the coordinator is gone.
status=0
while :; do
    wait "$coordinator" && status=0 || status=$?
    kill -0 "$coordinator" 2>/dev/null || break
done
wait
exit "$status"
