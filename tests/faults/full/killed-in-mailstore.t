#!/usr/bin/perl
# Killed at each system call, of whatever kind, in the commands of mailstore.
use strict;
use warnings;
use lib 'tests/lib';
use FaultScenarios;
use StoreTest;
use Test::More;

plain_build('system calls');

for (
	'add', 'passwd', 'remove', 'import', 'forward',
) {
	try_kills($_);
}
done_testing();
