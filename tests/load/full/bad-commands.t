# Faulty commands by the gigabyte.
use strict;
use warnings;
use lib 'tests/lib';
use LoadTest;
use MailTest;

bad_commands(1 << 30);
done_testing;
