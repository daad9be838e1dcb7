import { open } from './opening';
import './views/app';

// A link pasted into an open page is a new start, as in a new tab.
addEventListener('hashchange', () => location.reload());
void open();
