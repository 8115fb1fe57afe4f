import { gathered } from '@gtc-tools/tsup';

export default gathered({
  shown: ['autograd', 'creation', 'memory'],
  light: ['distributions', 'dtypes', 'hash', 'logits', 'random', 'special', 'statistics'],
});
