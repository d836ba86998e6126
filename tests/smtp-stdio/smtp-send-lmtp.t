# smtp-send -l: LHLO, and a reply for each recipient behind the message.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use SendTest;

my @people = map { "$_\@example.com" } qw(alice bob carol);
my $message = "From: anna\@example.org\nSubject: x\n\n.text\n" . 'x' x 70 . "\n";
my @from = ('-f', 'anna@example.org');

# The server's flags: whatever it offers, it is the same.
for my $without ([], [ 'CHUNKING' ], [ 'PIPELINING', 'CHUNKING' ]) {
	my @server = map { ('-X', $_) } @$without;
	my $name = join(' and ', 'without ' . (shift @$without || 'nothing'), @$without);

	my $root = new_root(@people);
	is_sent($name, $message, [ '-l', @from, @people, '--', program('smtp-stdio'), '-l', '-d', $root, @server ]);
	is(trace_free(contents((messages($root, $_))[0])), $message, "$name: $_ has it") for @people;

	# One is full, which shows when all octets have come
	my $quota = "$root/accounts/example.com/bob/quota";
	open my $file, '>', $quota or die "$quota: $!\n";
	print $file 10 + -s ((messages($root, 'bob@example.com'))[0]), "\n";
	close $file;
	is_refused("$name, one is full", 75, qr/answers (?:BDAT|the end of the message) with 452 4\.2\.2/, $message,
	    [ '-l', @from, @people, '--', program('smtp-stdio'), '-l', '-d', $root, @server, '-X', 'SIZE' ]); ## smtp-send-lmtp-a smtp-send-partial
	is(join(' ', map { scalar messages($root, $_) } @people), '2 1 2', "$name: the others have it"); ## smtp-send-lmtp-a

	# One is refused at RCPT: it has no reply later
	is_refused("$name, one is unknown", 69, qr/RCPT TO:<nobody\@example\.com> with 550 5\.1\.1/, $message,
	    [ '-l', @from, 'alice@example.com', 'nobody@example.com', 'carol@example.com', '--', program('smtp-stdio'), '-l', '-d', $root, @server ]);
	is(join(' ', map { scalar messages($root, $_) } @people), '3 1 3', "$name: the others have that"); ## smtp-send-lmtp-a

	# More than go into one transaction
	is_sent("$name, one by one", $message, [ '-l', @from, @people[0, 2], '--', program('smtp-stdio'), '-l', '-r', 1, '-d', $root, @server ]);
	is(join(' ', map { scalar messages($root, $_) } @people), '4 1 4', "$name: each has it once");
}

# The local server
my $root = new_root(@people);
my ($status, $said) = smtp_send($message, [ '-l', '-v', '-d', $root, @people ]);
is($status, 0, 'the local server: sent');
like($said, qr/^C: LHLO /m, 'by LMTP'); ## smtp-send-lmtp-a
is(scalar(() = $said =~ /^S: 250 2\.0\.0 /mg), 3, 'with three replies');
unlike($said, qr/^C: [EH][EH]LO/m, 'and nothing else');

# What the server says of each
sub answers {
	my ($name, $status, $patterns, @rules) = @_;
	my $log = own_file('');
	is_refused($name, $status, $patterns, $message, [ '-l', @from, @people, odd_server('-l', $log, @rules) ]);
	return contents($log);
}
my $yes = '250 2.0.0 Yes\r\n';
my $end = qr/answers the end of the message with/;
answers('one for now, one for good', 69, [ qr/$end 452 4\.2\.2 Full$/, qr/$end 554 5\.7\.1 No$/ ], ".=452 4.2.2 Full\\r\\n${yes}554 5.7.1 No\\r\\n"); ## smtp-send-lmtp-a
answers('none of them', 75, [ (qr/$end 452 4\.3\.1 Full$/) x 3 ], '.=' . '452 4.3.1 Full\r\n' x 3);
answers('lost after the first', 75, [ qr/closed without answering.*may have been delivered/, map { qr/not sent to $_$/ } @people[1, 2] ], ".=$yes\{close}"); ## smtp-send-lmtp-b
unlike(answers('421 for the second', 75, [ qr/$end 421 4\.3\.2 Bye$/, qr/may have been delivered or not to the others$/, qr/not sent to $people[2]$/ ],
    ".=${yes}421 4.3.2 Bye\\r\\n{silence}"), qr/^(?:QUIT|RSET)/m, '421: nothing more is said'); ## smtp-send-lmtp-b
answers('DATA is refused', 69, qr/answers DATA with 554 5\.7\.1 No$/, 'DATA=554 5.7.1 No\r\n');
unlike(answers('LHLO is refused', 69, qr/answers LHLO with 500 5\.5\.1 What\?$/, 'LHLO=500 5.5.1 What?\r\n'), qr/^HELO/m, 'HELO is for SMTP');
done_testing;
