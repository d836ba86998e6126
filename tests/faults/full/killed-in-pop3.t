#!/usr/bin/perl
# Killed at each system call, of whatever kind, in POP3 sessions.
use strict;
use warnings;
use lib 'tests/lib';
use FaultScenarios;
use StoreTest;
use Test::More;

plain_build('system calls');

for (
	'retrieval', 'update',
) {
	try_kills($_);     ## pop3-1939-6-a pop3-1939-6-b pop3-1939-4-b
}
done_testing();
