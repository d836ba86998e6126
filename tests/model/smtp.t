# SMTP and LMTP as a machine of states: whatever a client says in a state, and then to see in
# which it is left, the program answers as the RFCs and the manual let it, delivers what it
# has said that it has, and no more.  This is the short form; see full/.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use ModelTest;

my @ending = ('RCPT TO:<bob@example.com>', 'BDAT 0 LAST', 'MAIL FROM:<a@example.org>');
my @machines = (
	[ 'SMTP' => { plain => 1, wrapper => 'good' }, 'EHLO client.example' ],
	[ 'LMTP' => { lmtp => 1 }, 'LHLO client.example' ],
	[ 'submission' => { submission => 1 }, 'EHLO client.example' ],
);
for (@machines) {
	my ($name, $model, @begin) = @$_;
	my $test = smtp_test(name => $name, model => $model, begin => \@begin);
	my ($states, $transitions) = $test->all_transitions(2, \@ending);
	$test->is_agreed("each command in each state that two lead to: $transitions in $states states");
}

done_testing;
