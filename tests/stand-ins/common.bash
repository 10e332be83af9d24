# What the stand-in QEMUs share. Each plays QEMU on one sort of host when it is asked for KVM, with the real QEMU and its TCG; asked for
# anything else, it is the real QEMU. KMATRIX_STAND_IN_FOR names that one.
set -u
real=${KMATRIX_STAND_IN_FOR:-qemu-system-x86_64}
self=$(basename "$0")

# whether these words are among QEMU's, one after the other
words_have() {
    local line="$1 $2"
    [[ " ${words[*]} " == *" $line "* ]]
}

# the same machine, emulated by what is given
instead_of_kvm() {
    local at
    for at in "${!words[@]}"; do
        case "${words[at]}" in
        -accel) words[at + 1]=$1 ;;
        -cpu) words[at + 1]=qemu64 ;;
        esac
    done
}

words=("$@")
if words_have -accel kvm; then wants_kvm=1; else wants_kvm=; fi
is_probe=
for word in "$@"; do [[ $word == -bios ]] && is_probe=1; done

run() {
    exec "$real" "${words[@]}" "$@"
}

# Several times slower than TCG. By the clock, four million instructions a second; and by what it computes, each block of code looked up anew,
# since on a busy host the clock alone slows nothing.
run_slower_than_tcg() {
    instead_of_kvm tcg,thread=single
    run -icount shift=8,align=on -d nochain
}

# The probe passes: it is TCG's own that is slowed.
run_probe_that_passes() {
    [[ $wants_kvm ]] || run_slower_than_tcg
    instead_of_kvm tcg,thread=multi
    run
}

# A machine whose processor goes no further than real mode: with its first instructions it says $2 on port $1; then it stays there,
# or is reset where $3 says so.
run_firmware_that_says() {
    local port=$1 text=$2 then=${3:-stays} file code at byte
    code=$(printf '\\xba\\x%02x\\x%02x' $((port & 255)) $((port >> 8)))
    for ((at = 0; at < ${#text}; at++)); do
        printf -v byte '\\xb0\\x%02x\\xee' "'${text:at:1}"
        code+=$byte
    done
    # a newline; the keyboard controller's reset line; cli, hlt and back to it
    code+='\xb0\x0a\xee'
    [[ $then == resets ]] && code+='\xb0\xfe\xe6\x64'
    code+='\xfa\xf4\xeb\xfd'
    file=$(mktemp)
    truncate -s 65536 "$file"
    printf '%b' "$code" | dd of="$file" conv=notrunc status=none
    # from 16 bytes before its end, where the processor starts, to its beginning
    printf '\xe9\x0d\x00' | dd of="$file" bs=1 seek=65520 conv=notrunc status=none
    exec 9<"$file"
    rm "$file"
    instead_of_kvm tcg
    run -bios /proc/self/fd/9
}

stubs_words='Probing EDD (edd=off to disable)... ok'
