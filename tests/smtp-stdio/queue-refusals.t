# What a smarthost may refuse, and where it may end: who waits, how long, and who is given
# up.  The smarthost is smtp-stdio with failures on order.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use QueueTest;

my @people = map { "$_\@example.com" } qw(bob carol dave);

# A run with the message for three, or other recipients, on a smarthost with these rules.
# What is expected: the status; who has it; by recipient, what the envelope says of him: his
# tries and the reply; '' for nothing.
sub goes {
	my ($name, $rules, $status, $has, $left, %with) = @_;
	for my $without ([], [ 'PIPELINING', 'CHUNKING', 'LIMITS' ]) {
		next if !@$without && "@$rules" =~ /DATA/;
		my $title = "$name, without " . (join(' and ', @$without) || 'nothing');
		my ($root, $far) = (new_root('alice@example.org'), new_root(@people));
		my $id = enqueue($root, to => \@people, from => '', %{$with{entry} || {}});
		my ($got, $log) = run_queue($root, smarthost($far, map({ ('-x', $_) } @$rules), map { ('-X', $_) } @$without));
		is($got, $status, "$title: $status") or diag($log);
		is(join(' ', grep { messages($far, "$_\@example.com") } qw(bob carol dave)), $has, "$title: who has it"); ## smtp-send-queue-c
		my %waits;
		my $envelope = envelope($root, $id);
		$waits{$2} = "$1 $3" while $envelope =~ /^to (\d+) \d+ <(\w+)\@example\.com>(?: [^\n]*)?\n(?:said \S+: ([^\n]*)\n)?/mg;
		is(join(', ', map { "$_ $waits{$_}" } sort keys %waits), $left, "$title: who waits, after how many tries, and why") or diag($envelope, $log); ## smtp-send-queue-d
		my ($due) = $envelope =~ /^to 1 (\d+)/m;
		ok($due > time + 280 && $due <= time + 300 && (stat "$root/outgoing/envelope/$id")[9] == $due, "$title: for five minutes") if defined $due;
		$with{also}->($title, $log) if $with{also};
	}
}
my $all = sub { my ($said) = @_; join ', ', map { "$_ 1 $said" } qw(bob carol dave) };

goes('nothing', [], 0, 'bob carol dave', '');
goes('greylisting', [ 'RCPT=450 4.7.1 Come back' ], 0, '', $all->('450 4.7.1 Come back'));
goes('one greylisted', [ 'RCPT/2=450 4.7.1 Come back' ], 0, 'bob dave', 'carol 1 450 4.7.1 Come back');
goes('one unknown', [ 'RCPT/2=550 5.1.1 Nobody' ], 0, 'bob dave', '');
goes('one unknown, one full', [ 'RCPT/1=550 5.1.1 Nobody', 'RCPT/3=452 4.2.2 Full' ], 0, 'carol', 'dave 1 452 4.2.2 Full');
goes('all unknown', [ 'RCPT=550 5.1.1 Nobody' ], 0, '', '');
goes('MAIL: 451', [ 'MAIL=451 4.3.0 Later' ], 0, '', $all->('451 4.3.0 Later'));
goes('MAIL: 550', [ 'MAIL=550 5.7.1 Not you' ], 0, '', '');
goes('MAIL: 421', [ 'MAIL=421 4.3.2 Bye' ], 0, '', $all->('421 4.3.2 Bye'));
goes('RCPT: 421', [ 'RCPT/2=421 4.3.2 Bye' ], 0, '', $all->('421 4.3.2 Bye'));
goes('DATA: 451', [ 'DATA=451 4.3.0 Later' ], 0, '', $all->('451 4.3.0 Later'));
goes('DATA: 554', [ 'DATA=554 5.5.1 No' ], 0, '', '');
goes('message: 452', [ '.=452 4.3.1 Full' ], 0, '', $all->('452 4.3.1 Full'));
goes('message: 552', [ '.=552 5.3.4 Too big' ], 0, '', '');
goes('message: 421', [ '.=421 4.3.2 Bye' ], 0, '', $all->('421 4.3.2 Bye'));
goes('no EHLO', [ 'EHLO=502 5.5.1 What?' ], 0, 'bob carol dave', '');
for my $verb ('MAIL', 'RCPT', 'DATA') {
	goes("lost at $verb", [ "$verb=" ], 0, '', join ', ', map { "$_ 1 env closed without answering " . ($verb eq 'RCPT' ? 'RCPT TO:<bob@example.com>' : $verb) } qw(bob carol dave));
}
done_testing;
