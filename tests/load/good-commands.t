# Good commands may go on for ever, for they cost nothing that grows, but for small messages.
use strict;
use warnings;
use lib 'tests/lib';
use LoadTest;
use MailTest;

good_commands(1 << 18);
small_messages(100);
done_testing;
