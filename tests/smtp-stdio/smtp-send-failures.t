# What a server may refuse, and where a connection may end: smtp-send says which command got
# which reply, and its exit status says whether another time is better.  The server is
# smtp-stdio with failures on order.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use SendTest;

my @people = map { "$_\@example.com" } qw(alice bob carol);
my $message = "Subject: hello\n\nHello.\n";

# One failure: the rules, the status, a pattern for each line, and who has the message in the
# end.  Whatever the server offers, it is the same.
sub fails {
	my ($name, $rules, $status, $patterns, $has, @to) = @_;
	@to = 'bob@example.com' unless @to;
	for my $without ([], [ 'CHUNKING' ], [ 'PIPELINING', 'CHUNKING', 'LIMITS' ]) {
		next if !grep({ $_ eq 'CHUNKING' } @$without) && "@$rules" =~ /DATA/;
		my $root = new_root(@people);
		my $title = "$name, without " . (join(' and ', @$without) || 'nothing');
		is_refused($title, $status, $patterns, $message, [ '-f', 'anna@example.org', @to, '--', program('smtp-stdio'), '-d', $root,
		    map({ ('-x', $_) } @$rules), map { ('-X', $_) } @$without ]); ## smtp-send-reply-a smtp-send-status-a smtp-send-status-b
		my @have = grep { messages($root, $_) == 1 } @people;
		is("@have", join(' ', map { "$_\@example.com" } @$has), "$title: who has it"); ## smtp-send-partial
	}
}

fails('greeted with 421', [ '+=421 mail.example.com Too busy' ], 75, qr/with 421 mail\.example\.com Too busy$/, []);
fails('greeted with 554', [ '+=554 No service here' ], 69, qr/with 554 No service here$/, []);
fails('EHLO: 421', [ 'EHLO=421 4.3.2 Shutting down' ], 75, qr/answers EHLO \S+ with 421 4\.3\.2 Shutting down$/, []);
fails('EHLO: 550', [ 'EHLO=550 5.7.1 Go away', 'HELO=550 5.7.1 Go away' ], 69, qr/answers HELO.* with 550 5\.7\.1 Go away$/, []);
fails('MAIL: 451', [ 'MAIL=451 4.3.0 Later' ], 75, qr/answers MAIL.* with 451 4\.3\.0 Later$/, []);
fails('MAIL: 550', [ 'MAIL=550 5.7.1 Not you' ], 69, qr/answers MAIL.* with 550 5\.7\.1 Not you$/, []);
fails('RCPT: 450', [ 'RCPT=450 4.2.1 Later' ], 75, qr/answers RCPT TO:<bob\@example\.com> with 450 4\.2\.1 Later$/, []);
fails('RCPT: 550', [ 'RCPT=550 5.1.1 Nobody' ], 69, qr/answers RCPT TO:<bob\@example\.com> with 550 5\.1\.1 Nobody$/, []);
fails('RCPT: 421', [ 'RCPT=421 4.3.2 Shutting down' ], 75, qr/answers RCPT TO:<bob\@example\.com> with 421 4\.3\.2 Shutting down$/, []);
fails('DATA: 451', [ 'DATA=451 4.3.0 Later' ], 75, qr/answers DATA with 451 4\.3\.0 Later$/, []);
fails('DATA: 554', [ 'DATA=554 5.5.1 No valid recipients' ], 69, qr/answers DATA with 554 5\.5\.1 No valid recipients$/, []);
fails('message: 452', [ '.=452 4.3.1 Full' ], 75, qr/answers .+ with 452 4\.3\.1 Full$/, []);
fails('message: 554', [ '.=554 5.6.0 Not this' ], 69, qr/answers .+ with 554 5\.6\.0 Not this$/, []);

fails('one of three unknown', [ 'RCPT/2=550 5.1.1 Nobody' ], 69, qr/answers RCPT TO:<bob\@example\.com> with 550 5\.1\.1 Nobody$/,
    [ 'alice', 'carol' ], @people);
fails('the last of three unknown', [ 'RCPT/3=550 5.1.1 Nobody' ], 69, qr/answers RCPT TO:<carol\@example\.com> with 550 5\.1\.1 Nobody$/,
    [ 'alice', 'bob' ], @people);
fails('one of three full', [ 'RCPT/1=452 4.2.2 Full' ], 75, qr/answers RCPT TO:<alice\@example\.com> with 452 4\.2\.2 Full$/,
    [ 'bob', 'carol' ], @people);
fails('one full, one unknown', [ 'RCPT/1=452 4.2.2 Full', 'RCPT/2=550 5.1.1 Nobody' ], 69,
    [ qr/RCPT TO:<alice\@example\.com> with 452 4\.2\.2 Full$/, qr/RCPT TO:<bob\@example\.com> with 550 5\.1\.1 Nobody$/ ],
    [ 'carol' ], @people);
fails('one unknown, one full', [ 'RCPT/1=550 5.1.1 Nobody', 'RCPT/2=452 4.2.2 Full' ], 69,
    [ qr/RCPT TO:<alice\@example\.com> with 550 5\.1\.1 Nobody$/, qr/RCPT TO:<bob\@example\.com> with 452 4\.2\.2 Full$/ ],
    [ 'carol' ], @people);
fails('all unknown', [ 'RCPT=550 5.1.1 Nobody' ], 69, [ map { qr/RCPT TO:<$_\@example\.com> with 550 5\.1\.1 Nobody$/ } qw(alice bob carol) ],
    [], @people);
fails('too many are none at all', [ 'RCPT=452 4.5.3 Too many' ], 75, [ map { qr/RCPT TO:<$_\@example\.com> with 452 4\.5\.3 Too many$/ } qw(alice bob carol) ],
    [], @people);

# The connection is lost
for my $verb ('+', 'EHLO', 'MAIL', 'RCPT', 'DATA') {
	fails("lost at $verb", [ "$verb=" ], 75, qr/closed without answering(?!.*may have been delivered)/, []);
}
fails('lost at the message', [ '.=' ], 75, qr/closed without answering.*may have been delivered/, []); ## smtp-send-status-c

# A server that has said 421 is told nothing more
for my $verb ('+', 'EHLO', 'MAIL', 'RCPT', 'DATA', '.') {
	my $log = own_file('');
	is_refused("421 to $verb", 75, qr/with 421 4\.3\.2 Bye$/, $message, [ 'bob@example.com', odd_server('-l', $log, "$verb=421 4.3.2 Bye\\r\\n") ]);
	unlike(contents($log), qr/^(?:QUIT|RSET)/m, "421 to $verb: nothing more is said");
}

# What is no failure
for ([ 'EHLO is unknown', 'EHLO=502 5.5.1 Not implemented' ], [ 'EHLO is too much', 'EHLO=500 5.5.2 What?' ]) {
	my ($name, $rule) = @$_;
	my $root = new_root('bob@example.com');
	is_sent("$name, HELO will do", $message, [ '-f', 'anna@example.org', 'bob@example.com',
	    '--', program('smtp-stdio'), '-d', $root, '-x', $rule ]); ## smtp-5321-3.2
	like(contents((messages($root, 'bob@example.com'))[0]), qr/ with SMTP id /, "$name: it was HELO");
}

# QUIT: the message is delivered, whatever is said to that.  What no server should say is
# told; that it is in a hurry is told by -v only.
for ([ 'QUIT=500 5.5.1 What?', 'told' ], [ 'QUIT=250 2.0.0 Yes', 'told' ], [ 'QUIT=421 4.3.2 Shutting down' ], [ 'QUIT=' ]) {
	my ($rule, $told) = @$_;
	my $root = new_root('bob@example.com');
	my @server = ('--', program('smtp-stdio'), '-d', $root, '-x', $rule);
	if ($told) {
		is_refused($rule, 0, qr/answers QUIT with/, $message, [ 'bob@example.com', @server ]);
	} else {
		is_sent($rule, $message, [ 'bob@example.com', @server ]);
	}
	my ($status, $said) = smtp_send($message, [ '-v', 'bob@example.com', @server ]);
	is($status, 0, "$rule, with -v: the same"); ## smtp-send-status-d
	like($said, qr/^smtp-send: .* QUIT/m, "$rule, with -v: it is told");
	is(scalar messages($root, 'bob@example.com'), 2, "$rule: delivered");
}

# More recipients than go into one transaction
for my $rule ('RCPT/2=452 4.5.3 Too many recipients', 'RCPT/3=452 4.5.3 Too many recipients') {
	for my $without ([], [ '-X', 'PIPELINING' ]) {
		my $root = new_root(@people);
		is_sent("$rule @$without", $message, [ @people, '--', program('smtp-stdio'), '-d', $root, '-x', $rule, @$without ]);
		is(scalar messages($root, $_), 1, "$rule @$without: $_ has it once") for @people; ## smtp-5321-4.5.3.1.10-client
	}
}
# A second transaction fails: who has it after the first, and who has not, is told
for ([ './2=554 5.6.0 Not again', 69, qr/with 554 5\.6\.0 Not again$/ ], [ './2=', 75, qr/may have been delivered/ ],
    [ 'MAIL/2=421 4.3.2 Bye', 75, qr/with 421 4\.3\.2 Bye$/ ], [ 'MAIL/2=550 5.7.1 Enough', 69, qr/with 550 5\.7\.1 Enough$/ ]) {
	my ($rule, $status, $why) = @$_;
	my $root = new_root(@people);
	is_refused("$rule in the second transaction", $status, [ $why, qr/not sent to carol\@example\.com$/ ], $message,
	    [ @people, '--', program('smtp-stdio'), '-d', $root, '-x', 'RCPT/3=452 4.5.3 Too many recipients', '-x', $rule ]);
	is(join(' ', map { scalar messages($root, $_) } @people), '1 1 0', "$rule: the first has delivered it"); ## smtp-send-partial
}
done_testing;
