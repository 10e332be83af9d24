/**
 * Completion for a shell as the text that it sources. Each asks `kmatrix completion-words` for what may come next, and
 * completes files where the answer is nothing.
 *
 * @param script kmatrix's own file: it answers too where kmatrix is an alias or not on PATH
 */
export const completionScripts = {
  // without descriptions, which readline can't show; words, not `compgen -W`, which would expand what is in them
  bash: (script: string) => `_kmatrix() {
  mapfile -t COMPREPLY < <(
    node ${quote(script)} completion-words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1
  )
}
complete -o default -F _kmatrix kmatrix`,
  zsh: (script: string) => `#compdef kmatrix
_kmatrix() {
  local -a found
  found=("\${(@f)$(node ${quote(script)} completion-words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -z "$found" ]]; then
    _files
    return
  fi
  # _describe wants WORD:TEXT; no word of kmatrix has a colon
  local tab=$'\\t'
  found=("\${(@)found/$tab/:}")
  _describe kmatrix found
}
compdef _kmatrix kmatrix`,
  fish: (script: string) => `function __kmatrix_words
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found (node ${quote(script)} completion-words -- $words[2..-1] "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c kmatrix -f -a '(__kmatrix_words)'`,
} as const satisfies Readonly<Record<string, (script: string) => string>>;

/** For all three; a path that holds a single quote is closed, quoted, and opened again. */
const quote = (text: string): string => `'${text.replaceAll("'", `'"'"'`)}'`;
