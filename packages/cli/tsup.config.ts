import { gathered } from '@gtc-tools/tsup';

export default gathered('commands', 'options', 'recipes', 'usage');
