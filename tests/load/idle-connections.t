# Connections that say nothing cost little, and are sent away in the end.
use strict;
use warnings;
use lib 'tests/lib';
use LoadTest;
use MailTest;

idle_connections(30, 2);
done_testing;
