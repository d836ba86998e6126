# POP3 as a machine of states, to the end: all sequences of up to three commands, and each
# command in each state of the model that up to five lead to, with several ways to tell in
# which state it leaves the session; for each kind of service.  EVERY=1 in the environment
# takes hours: see tests/lib/ModelTest.pm.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use ModelTest;

my @endings = ([], [ 'PASS secret', 'STAT', 'CAPA' ], [ 'LIST', 'UIDL', '*', 'LIST', 'QUIT' ]);
my %machines = (
	'as it is' => {},
	'with -p -T' => { plain => 1, wrapper => 'good' },
	'with -p, and a wrapper that is not there' => { plain => 1, wrapper => 'missing' },
	'with -p, and the mailbox in use' => { plain => 1, in_use => 1 },
	'with -s' => { protected => 1 },
	'with less announced' => { plain => 1, without => [ qw(TOP UIDL RESP-CODES) ] },
	'with still less announced' => { plain => 1, wrapper => 'good', without => [ qw(USER STLS AUTH-RESP-CODE PIPELINING EXPIRE) ] },
	'with no SASL' => { protected => 1, without => [ qw(SASL IMPLEMENTATION) ] },
	'with -e 3' => { plain => 1, faults => 3 },
);
for my $name (grep { !@ARGV || $_ eq $ARGV[0] } sort keys %machines) {
	my $model = $machines{$name};
	my $test = pop3_test(name => $name, model => $model);
	my $sequences = $test->all_sequences($name =~ /-T/ ? 3 : 2);
	$test->is_agreed("all $sequences sequences of commands");

	$test = pop3_test(name => $name, model => $model);
	my ($states, $transitions) = $model->{faults} ? $test->all_transitions(3, $endings[1]) : $test->all_transitions(6, @endings);
	$test->is_agreed("each command in each state: $transitions in $states states");
}

done_testing;
