# Faulty commands are over soon, however many there are.
use strict;
use warnings;
use lib 'tests/lib';
use LoadTest;
use MailTest;

bad_commands(1 << 20);
done_testing;
