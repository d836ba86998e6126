# A thousand connections at once that say nothing.
use strict;
use warnings;
use lib 'tests/lib';
use LoadTest;
use MailTest;

idle_connections(1000, 60);
done_testing;
