import type { CommandWords, OptionWords, Shell } from "./program.ts";

/** What may stand at a place of the command line: one of some words, or a file or folder. */
type Place = { readonly words: readonly string[] } | { readonly files: "file" | "folder" };

/** What the value of an option, or an argument, may be, by what it is called in the help. */
function placeOf(name: string, choices: readonly string[], ids: readonly string[], isRule: boolean): Place | undefined {
  if (choices.length > 0) return { words: choices };
  if (isRule) return { words: ids };
  if (/^dir\b|folder/.test(name)) return { files: "folder" };
  return /^(?:file|path)s?\b/.test(name) ? { files: "file" } : undefined;
}

interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly (OptionWords & { readonly place: Place | undefined })[];
  /** By position; the last one for all that follow, if it may be repeated. */
  readonly args: readonly { readonly name: string; readonly variadic: boolean; readonly place: Place | undefined }[];
}

const help: OptionWords = {
  flags: "-h, --help",
  names: ["-h", "--help"],
  value: undefined,
  bare: false,
  choices: [],
  says: "print help",
};

function completedOf({ name, summary, options, args }: CommandWords, ids: readonly string[]): Completed {
  return {
    name,
    summary,
    options: [...options, help].map((option) => {
      const isRule = option.names.includes("--rule");
      return {
        ...option,
        place: option.value === undefined ? undefined : placeOf(option.value, option.choices, ids, isRule),
      };
    }),
    args: args.map((arg) => ({ ...arg, place: placeOf(arg.name, arg.choices, ids, arg.name === "rule") })),
  };
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function bashReply(place: Place | undefined): string {
  if (place === undefined) return ":";
  if ("words" in place) return `_copylint_words ${quote(place.words.join(" "))}`;
  return place.files === "file" ? "_copylint_files -f" : "_copylint_files -d";
}

/** In bash, a word is cut at `=`, so that --format=json is three words. */
function bash(commands: readonly Completed[]): string {
  const values = commands.flatMap(({ name, options }) =>
    options
      .filter(({ value, bare }) => value !== undefined && !bare)
      .map(
        ({ names, place }) =>
          `        ${names.map((each) => `${name}:${each}`).join("|")}) ${bashReply(place)}; return ;;`,
      ),
  );
  const taking = commands.flatMap(({ name, options }) =>
    options
      .filter(({ value, bare }) => value !== undefined && !bare)
      .flatMap(({ names }) => names.map((each) => `${name}:${each}`)),
  );
  const options = commands.map(
    ({ name, options: all }) =>
      `            ${name}) _copylint_words ${quote(all.flatMap(({ names }) => names).join(" "))} ;;`,
  );
  const args = commands.flatMap(({ name, args: all }) =>
    all.map(({ variadic, place }, i) => `        ${name}:${variadic ? "*" : i}) ${bashReply(place)} ;;`),
  );
  return `# Completion of copylint in bash; made by: copylint completion bash
_copylint_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_copylint_files() {
    mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
    compopt -o filenames 2> /dev/null
}
_copylint() {
    local cur=\${COMP_WORDS[COMP_CWORD]} prev= command= at=0 i word
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=\${COMP_WORDS[i]}
        [[ $word == = ]] && continue
        if [[ -z $command ]]; then
            [[ $word == -* ]] || command=$word
        else
            case $command:$prev in
            ${taking.join("|")}) ;;
            *) [[ $word == -* ]] || at=$((at + 1)) ;;
            esac
        fi
        prev=$word
    done
    [[ $cur == = ]] && cur=
    if [[ -z $command ]]; then
        _copylint_words ${quote([...commands.map(({ name }) => name), "--help", "--version"].join(" "))}
        return
    fi
    case $command:$prev in
${values.join("\n")}
    esac
    if [[ $cur == -* ]]; then
        case $command in
${options.join("\n")}
        esac
        return
    fi
    case $command:$at in
${args.join("\n")}
    esac
}
complete -F _copylint copylint
`;
}

function zshAction(place: Place | undefined): string {
  if (place === undefined) return " ";
  if ("words" in place) return `(${place.words.join(" ")})`;
  return place.files === "file" ? "_files" : "_files -/";
}

/** Text within the brackets of a specification of \`_arguments\`. */
const zshText = (text: string): string => text.replace(/[[\]\\:]/g, "\\$&");

function zsh(commands: readonly Completed[]): string {
  const spec = (option: Completed["options"][number]): string[] => {
    const { names, value, bare, place, says, flags } = option;
    const isMany = /may be repeated/.test(says);
    return names.map((name) => {
      const others = names.length > 1 ? `(${names.join(" ")})` : "";
      const action = value === undefined ? "" : `${bare ? "::" : ":"}${zshText(value)}:${zshAction(place)}`;
      const equals = value !== undefined && flags.includes("--") && name.startsWith("--") ? "=" : "";
      return quote(`${isMany ? "*" : others}${name}${equals}[${zshText(says)}]${action}`);
    });
  };
  const cases = commands.map(({ name, options, args }) => {
    const positions = args.map((arg, i) =>
      quote(`${arg.variadic ? "*" : i + 1}:${zshText(arg.name)}:${zshAction(arg.place)}`),
    );
    return `            ${name}) _arguments ${["-s", ...options.flatMap(spec), ...positions].join(" \\\n                ")} ;;`;
  });
  return `#compdef copylint
# Completion of copylint in zsh; made by: copylint completion zsh
_copylint() {
    local curcontext=$curcontext state line
    typeset -A opt_args
    local -a commands=(
${commands.map(({ name, summary }) => `        ${quote(`${name}:${zshText(summary)}`)}`).join("\n")}
    )
    _arguments -C '(- *)'{-h,--help}'[print help]' '(- *)--version[print the version]' '1: :->command' '*:: :->argument'
    case $state in
    command) _describe -t commands command commands ;;
    argument)
        case $words[1] in
${cases.join("\n")}
        esac ;;
    esac
}
if [[ $funcstack[1] == _copylint ]]; then _copylint "$@"; else compdef _copylint copylint; fi
`;
}

function fish(commands: readonly Completed[]): string {
  const text = (words: string): string => `'${words.replace(/[\\']/g, "\\$&")}'`;
  const offered = (place: Place | undefined): string => {
    if (place === undefined) return "-x";
    if ("words" in place) return `-x -a ${text(place.words.join(" "))}`;
    return place.files === "file" ? "-r -F" : "-x -a '(__fish_complete_directories)'";
  };
  const lines = commands.flatMap(({ name, summary, options, args }) => {
    const when = text(`__fish_seen_subcommand_from ${name}`);
    const places = args.flatMap(({ place }) => place ?? []);
    const words = places.flatMap((place) => ("words" in place ? place.words : []));
    return [
      `complete -c copylint -n __fish_use_subcommand -a ${name} -d ${text(summary)}`,
      ...options.map(({ names, value, bare, place, says }) => {
        const flags = names.map((each) => (each.startsWith("--") ? `-l ${each.slice(2)}` : `-s ${each.slice(1)}`));
        const takes = value === undefined || bare ? "" : ` ${offered(place)}`;
        return `complete -c copylint -n ${when} ${flags.join(" ")}${takes} -d ${text(says)}`;
      }),
      ...(words.length === 0 ? [] : [`complete -c copylint -n ${when} -a ${text(words.join(" "))}`]),
      ...(places.some((place) => "files" in place) ? [`complete -c copylint -n ${when} -F`] : []),
    ];
  });
  return `# Completion of copylint in fish; made by: copylint completion fish
complete -c copylint -f
complete -c copylint -n __fish_use_subcommand -s h -l help -d 'print help'
complete -c copylint -n __fish_use_subcommand -l version -d 'print the version'
${lines.join("\n")}
`;
}

/** The script that completes words in a shell; all from the definitions of the commands. */
export function completionScript(shell: Shell, all: readonly CommandWords[], ids: readonly string[]): string {
  const commands = all.map((command) => completedOf(command, ids));
  return { bash, zsh, fish }[shell](commands);
}
