# A hundred thousand recipients tried in a transaction.
use strict;
use warnings;
use lib 'tests/lib';
use LoadTest;
use MailTest;

recipients(100_000);
done_testing;
