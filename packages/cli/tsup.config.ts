import { gathered } from '@gtc-tools/tsup';

export default gathered({ shown: ['commands', 'options', 'recipes', 'usage'] });
