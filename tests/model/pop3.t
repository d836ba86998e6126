# POP3 as a machine of states: whatever a client says in a state, and then to see in which it
# is left, the program answers as the RFCs and the manual let it, removes what it was told to,
# and no more.  This is the short form; see full/.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use ModelTest;

my $test = pop3_test(name => 'POP3', model => { plain => 1, wrapper => 'good' });
my ($states, $transitions) = $test->all_transitions(2, [ 'PASS secret', 'STAT' ]);
$test->is_agreed("each command in each state that two lead to: $transitions in $states states");

$test = pop3_test(name => 'no plain text', model => {});
($states, $transitions) = $test->all_transitions(2, [ 'PASS secret', 'STAT' ]);
$test->is_agreed("each command in each state that two lead to: $transitions in $states states");

done_testing;
