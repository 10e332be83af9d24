#!/bin/sh
# Boots this folder's machine and tells whether its kernel reports the same again. README says more.
# Needs qemu-system-x86_64, a POSIX shell, coreutils and grep. Nothing is written here; TMPDIR gets a folder, gone afterwards.
set -u

usage() {
  cat <<'END'
Usage: run.sh [--replay | --gdb] [--limit SECONDS]

Boots the machine in this folder, starts its workload and shows its console.

  --replay         run the recording instead: the same instructions, the same console (where the bundle has one)
  --gdb            run the recording, stopped before its first instruction, and say how gdb is attached
  --limit SECONDS  end the machine after so long
  --help           this text

QEMU names another qemu-system-x86_64 in the environment.

Exit status: 0 the report came again, 1 it did not, 2 usage, 3 this host can't run it, 128+n ended by signal n.
END
}

say() { printf 'run.sh: %s\n' "$*" >&2; }
fail() { code=$1; shift; say "$*"; exit "$code"; }

mode=boot
limit=
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --replay) mode=replay ;;
    --gdb) mode=gdb ;;
    --limit)
      [ $# -gt 1 ] || fail 2 '--limit needs seconds; --help shows how'
      limit=$2
      shift
      ;;
    *) fail 2 "unknown word: $1; --help shows what there is" ;;
  esac
  shift
done
case $limit in
  *[!0-9]* | 0) fail 2 '--limit needs a whole number of seconds, from 1' ;;
esac

case $0 in
  */*) here=${0%/*} ;;
  *) here=. ;;
esac
here=$(CDPATH='' cd -- "$here" && pwd) || exit 3
if [ $mode != boot ] && [ ! -f "$here/execution.log" ]; then
  fail 2 'this bundle holds no recording; run it without --replay and --gdb'
fi

qemu=${QEMU:-qemu-system-x86_64}
if ! command -v "$qemu" >/dev/null 2>&1; then
  say "$qemu is not installed. Install it:"
  say '  Debian, Ubuntu: apt-get install qemu-system-x86    Fedora: dnf install qemu-system-x86-core'
  fail 3 '  Arch: pacman -S qemu-system-x86    Alpine: apk add qemu-system-x86_64 coreutils'
fi
case $qemu in
  /*) ;;
  */*) qemu=$PWD/$qemu ;;
esac

scratch=$(mktemp -d "${TMPDIR:-/tmp}/kmatrix.XXXXXX") || fail 3 'no folder for the fifos can be made; set TMPDIR'
machine=
helpers=
# shellcheck disable=SC2317 # the traps call it
cleanup() {
  trap - EXIT INT TERM HUP
  # shellcheck disable=SC2086 # a list of pids
  for pid in $helpers $machine; do kill "$pid" 2>/dev/null; done
  wait
  rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

read -r boot_seconds grace_seconds <"$here/limits" || exit 3
words=boot
if [ $mode != boot ]; then
  words=replay
  # time passes by the recording's own count, so that the rest of a report may take long
  boot_seconds=$((boot_seconds * 4))
  [ $mode = replay ] || boot_seconds=$((boot_seconds + 86400))
fi
limit=${limit:-$boot_seconds}

# the words are relative to the folder that QEMU is started in
cd "$scratch" || exit 3
ln -s "$here/bzImage" bzImage
ln -s "$here/initramfs" initramfs
if [ $mode != boot ]; then
  ln -s "$here/execution.log" execution.log
  # QEMU writes to it while gdb goes backwards
  cp "$here/snapshots.qcow2" snapshots.qcow2 && chmod u+w snapshots.qcow2 || exit 3
fi
mkfifo console shown channel.in channel.out || fail 3 "no fifos can be made in $scratch"

set --
without_kvm=
while IFS= read -r word; do
  if [ "$word" = kvm ] && [ ! -w /dev/kvm ]; then
    say 'no /dev/kvm here: the machine is emulated, which changes how its CPUs race'
    without_kvm=yes
    word=tcg,thread=multi
  fi
  [ -z "$without_kvm" ] || [ "$word" != host ] || word=qemu64
  set -- "$@" "$word"
done <"$here/$words.words"
if [ $mode = gdb ]; then
  set -- "$@" -chardev socket,id=gdb,path=gdb,server=on,wait=off -gdb chardev:gdb -S
fi

# timeout(1) ends QEMU even where this shell is killed
timeout -k 5 "$limit" "$qemu" "$@" </dev/null >console &
machine=$!

# The agent says ready on the second serial port, gets its order, and is sent off when it is done.
talk() {
  started=
  while IFS= read -r line; do
    case $line in
      *'"type":"ready"'*)
        [ -n "$started" ] || cat "$here/start.frame" >channel.in
        started=yes
        ;;
      *'"type":"done"'*) cat "$here/poweroff.frame" >channel.in ;;
    esac
  done
}
if [ $mode = boot ]; then
  talk <channel.out &
  helpers=$!
fi

# Ends the machine some seconds after a report's first words, so that the rest of it is seen.
end_later() {
  nap=
  trap 'kill "$nap" 2>/dev/null; exit 0' TERM
  sleep "$1" &
  nap=$!
  wait "$nap"
  kill "$machine" 2>/dev/null
}

# The first words of reports that a machine seldom survives, and what makes them mean nothing: a program that crashed in
# user space, a quotation. All of it is the classifier's own, put in here when the bundle is written.
fatal_words='@FATAL_WORDS@'
fault_of_user='@FAULT_OF_USER@'
# shellcheck disable=SC2016 # marks of quotation, nothing to expand
open_quotation='@OPEN_QUOTATION@'
open_bracket='@OPEN_BRACKET@'
closed_bracket='@CLOSED_BRACKET@'

is_fatal() {
  case $1 in
    *'@FATAL_HEADS@'*) ;;
    *) return 1 ;;
  esac
  printf '%s\n' "$1" | grep -Eq "$fatal_words" || return 1
  ! printf '%s\n' "$1" |
    grep -Eq "$fault_of_user|$open_quotation($fatal_words).*[\"\`]|$open_bracket($fatal_words)$closed_bracket"
}

if [ $mode = gdb ]; then
  symbols=
  [ ! -f "$here/vmlinux" ] || symbols=" '$here/vmlinux'"
  say 'the machine waits; in another terminal:'
  say "  gdb$symbols -ex 'target remote $scratch/gdb' -x '$here/replay.gdb'"
fi

# cat -v: what a kernel prints must not reach the terminal as control characters
tee console.log <console | cat -v >shown &
helpers="$helpers $!"
fatal=
text=
while IFS= read -r line; do
  line=${line%^M}
  printf '%s\n' "$line"
  if [ -z "$fatal" ] && is_fatal "$line"; then
    if [ $mode = boot ]; then
      end_later "$grace_seconds" &
      helpers="$helpers $!"
    fi
    fatal=yes
  fi
  if [ -n "$fatal" ] && [ ${#text} -lt 200000 ]; then
    text="$text
$line"
  fi
done <shown
wait "$machine"
status=$?
machine=

# Whether the functions $@ are all in the report; offsets, and suffixes of the compiler's, may follow.
all_seen() {
  for name in "$@"; do
    case $text in
      *[!A-Za-z0-9_.]"$name"[+.]*) ;;
      *) return 1 ;;
    esac
  done
}

case $status in
  126 | 127) fail 3 "$qemu can't be started" ;;
esac
# timeout(1): 124, and 137 where QEMU had to be killed
late=
case $status in
  124 | 137) late=yes ;;
esac
[ -s console.log ] || fail 3 'the machine said nothing: read what QEMU says above'
if [ $mode != boot ]; then
  [ -z "$late" ] || fail 3 "the replay did not come to its end within $limit seconds; --limit gives it more"
  [ "$(sha256sum <console.log)" = "$(sha256sum <"$here/recorded-console.log")" ] ||
    fail 1 'the console differs from the recording'
  say 'the console is the recording'\''s, to the byte'
  exit 0
fi
if [ -z "$fatal" ]; then
  [ -z "$late" ] || fail 1 "no report within $limit seconds"
  fail 1 'the machine ended without a report'
fi
[ -s "$here/expected.frames" ] ||
  fail 1 'the kernel reported something; this bundle has no functions to know its report by: compare with report.json'
while IFS= read -r names; do
  # shellcheck disable=SC2086 # a list of names
  if all_seen $names; then
    say "the report came again ($names)"
    exit 0
  fi
done <"$here/expected.frames"
fail 1 'another report came; report.json says which one was expected'
