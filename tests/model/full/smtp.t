# SMTP and LMTP as a machine of states, to the end: all sequences of up to three commands, and
# each command in each state of the model that up to five lead to, with several ways to tell
# in which state it leaves the session; for each kind of service.  EVERY=1 in the environment
# takes hours: see tests/lib/ModelTest.pm.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use ModelTest;

my @endings = (
	[],
	[ 'RCPT TO:<bob@example.com>', 'BDAT 0 LAST', 'MAIL FROM:<a@example.org>' ],
	[ 'RCPT TO:<bob@example.com>', 'DATA', '.', '*', 'EHLO client.example', 'LHLO client.example' ],
);
my %machines = (
	'as it is' => {},
	'with -p -T' => { plain => 1, wrapper => 'good' },
	'with -l, and a wrapper that is not there' => { lmtp => 1, wrapper => 'missing' },
	'with -l -s' => { lmtp => 1, protected => 1 },
	'with -a -p -T' => { submission => 1, plain => 1, wrapper => 'good' },
	'with -s' => { protected => 1 },
	'with less announced' => { without => [ qw(ENHANCEDSTATUSCODES CHUNKING DSN) ] },
	'with still less announced' => { wrapper => 'good', without => [ qw(AUTH HELP 8BITMIME SIZE PIPELINING STARTTLS) ] },
	'with -l and less announced' => { lmtp => 1, without => [ qw(CHUNKING LIMITS SMTPUTF8) ] },
	'with -e 3' => { plain => 1, faults => 3 },
);
for my $name (grep { !@ARGV || $_ eq $ARGV[0] } sort keys %machines) {
	my $model = $machines{$name};
	my @begin = ($model->{lmtp} ? 'LHLO' : 'EHLO') . ' client.example';
	my $test = smtp_test(name => $name, model => $model);
	my $sequences = $test->all_sequences($name =~ /-[pl]/ ? 3 : 2);
	$test->is_agreed("all $sequences sequences of commands from the beginning");

	if (!$model->{faults}) {
		$test = smtp_test(name => $name, model => $model, begin => \@begin);
		$sequences = $test->all_sequences(3);
		$test->is_agreed("all $sequences sequences of commands behind the greeting");
	}

	$test = smtp_test(name => $name, model => $model);
	my ($states, $transitions) = $model->{faults} ? $test->all_transitions(3, $endings[1]) : $test->all_transitions(6, @endings);
	$test->is_agreed("each command in each state: $transitions in $states states");
}

done_testing;
