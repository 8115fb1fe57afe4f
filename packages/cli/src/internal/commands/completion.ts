/** `gtc completion <shell>`: a script that completes commands, options, recipes and domains. */
import { NotFoundError } from '@gtc/errors';
import type { Options } from '../../options.js';
import { RECIPES } from '../../recipes.js';
import { done, type Outcome } from './outcome.js';

const COMMANDS = ['oracle', 'show', 'run', 'recipes', 'verify', 'serve', 'mcp', 'completion', 'help', 'version'];
const OPTIONS = ['limit', 'domain', 'lang', 'run', 'code', 'json', 'markdown', 'explain', 'tag', 'evidence', 'help', 'version'];

const words = (list: readonly string[]): string => list.join(' ');

/** Scripts by shell; each is to be sourced. */
const SCRIPTS: Readonly<Record<string, () => string>> = {
  bash: () => `_gtc() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  case "$before" in
    run|recipes) COMPREPLY=($(compgen -W "${words([...RECIPES.keys()])}" -- "$word")) ;;
    --lang) COMPREPLY=($(compgen -W "ts py rs" -- "$word")) ;;
    completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$word")) ;;
    oracle) COMPREPLY=($(compgen -W "index stats" -- "$word")) ;;
    *)
      if [[ "$word" == -* ]]; then COMPREPLY=($(compgen -W "${words(OPTIONS.map(name => `--${name}`))}" -- "$word"))
      elif [[ $COMP_CWORD -eq 1 ]]; then COMPREPLY=($(compgen -W "${words(COMMANDS)}" -- "$word")); fi ;;
  esac
}
complete -o default -F _gtc gtc
`,
  zsh: () => `#compdef gtc
_gtc() {
  if (( CURRENT == 2 )); then compadd ${words(COMMANDS)}
  elif [[ $words[2] == (run|recipes) && CURRENT -eq 3 ]]; then compadd ${words([...RECIPES.keys()])}
  elif [[ $words[2] == oracle && CURRENT -eq 3 && $PREFIX != -* ]]; then compadd index stats
  elif [[ $PREFIX == -* ]]; then compadd -- ${words(OPTIONS.map(name => `--${name}`))}
  else _files; fi
}
compdef _gtc gtc
`,
  fish: () =>
    [
      `complete -c gtc -n __fish_use_subcommand -f -a "${words(COMMANDS)}"`,
      `complete -c gtc -n "__fish_seen_subcommand_from run recipes" -f -a "${words([...RECIPES.keys()])}"`,
      'complete -c gtc -n "__fish_seen_subcommand_from oracle" -f -a "index stats"',
      ...OPTIONS.map(name => `complete -c gtc -l ${name}`),
      '',
    ].join('\n'),
};

/** `gtc completion bash|zsh|fish` */
export function completion({ text }: Options): Outcome {
  const script = Object.hasOwn(SCRIPTS, text) ? SCRIPTS[text] : undefined;
  if (script === undefined) throw NotFoundError.of('shell', text, Object.keys(SCRIPTS));
  return done(script());
}
