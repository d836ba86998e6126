# The command injection probe.  What a client, or somebody on the line, has sent in clear
# behind STARTTLS must not be taken for something that came under TLS.  Wherever it is when
# the server decides, in its buffer or still in the socket: the session ends with a refusal,
# nothing of it is done, and no wrapper is run.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use POSIX qw(WUNTRACED);

my $root = new_root([ 'bob@example.com', 'secret' ]);
my $message = "Subject: injected\r\n\r\ntext\r\n.\r\n";
my %of = (
	'smtp-stdio' => {
		before => 'EHLO client.example', end => qr/^250 /, verb => 'STARTTLS', refused => qr/\A501 5\.5\.4 [^\n]*\r\n\z/,
		behind => [ "EHLO x\r\nMAIL FROM:<evil\@evil.example>\r\nRCPT TO:<bob\@example.com>\r\nDATA\r\n$message", "RSET\r\n", 'RSE', "\x16",
		    "\r\n", "\n", "\0", 'x' x 30_000 ],
	},
	'pop3-stdio' => {
		before => 'CAPA', end => qr/^\.\z/, verb => 'STLS', refused => qr/\A-ERR [^\n]*\r\n\z/,
		behind => [ "USER bob\@example.com\r\nPASS secret\r\nDELE 1\r\nQUIT\r\n", "CAPA\r\n", 'CAP', "\x16", "\r\n", "\n", "\0", 'x' x 30_000 ],
	},
);

sub greeted {
	my ($name, $mark, $wire, $pipe_octets) = @_;
	my $client = start($name, $root, [ '-T', "touch $mark" ], wire => $wire, pipe_octets => $pipe_octets, group => 1);
	$client->line;
	return $client;
}

sub connected {
	my ($name, $mark, $wire) = @_;
	my $client = greeted($name, $mark, $wire);
	$client->send("$of{$name}{before}\r\n");
	my $line;
	do { $line = $client->line } until $line =~ $of{$name}{end};
	return $client;
}

sub refused {
	my ($name, $what, $client, $mark) = @_;
	like($client->rest, $of{$name}{refused}, "$name, $what: refused");     ## smtp-3207-6-a pop3-2595-4-c
	is($client->status, 77, "$name, $what: the session is over");          ## smtp-3207-6-a pop3-2595-4-c
	ok(!-e $mark, "$name, $what: no wrapper was run");     ## smtp-3207-6-a pop3-2595-4-c
}

# Stops all processes of the server: what is sent then comes together for them, or, over a
# socket of records, is read piece by piece.  In that case the server has read no more
# than the command when it is to answer it.
sub while_stopped {
	my ($client, @pieces) = @_;
	kill 'STOP', -$client->{pid};
	wait_until { waitpid($client->{pid}, WUNTRACED) == $client->{pid} } or die "it does not stop\n";
	$client->send($_) for @pieces;
	kill 'CONT', -$client->{pid};
}

for my $name (sort keys %of) {
	my $verb = "$of{$name}{verb}\r\n";
	for my $behind (@{$of{$name}{behind}}) {
		my $what = Program::visible(substr $behind, 0, 20);
		for my $wire ('pipes', 'socket', 'tcp') {
			my $mark = new_file('mark');
			my $client = connected($name, $mark, $wire);
			$client->send($verb . $behind);
			refused($name, "'$what' in one piece with it, over $wire", $client, $mark);
		}
		my $mark = new_file('mark');
		my $client = connected($name, $mark, 'records');
		while_stopped($client, $verb, $behind);
		refused($name, "'$what' still in the socket", $client, $mark);

		$mark = new_file('mark');
		$client = connected($name, $mark, 'pipes');
		while_stopped($client, $verb, $behind);
		refused($name, "'$what' behind it in the pipe", $client, $mark);
	}

	# The command is the last that there is room for in the buffer of the server, so that what
	# is behind it is still in the pipe.
	my $noop = $name eq 'smtp-stdio' ? "NOOP\r\n" : "CAPA\r\n";
	my $rest = 65536 - length $verb;
	my $filled = $noop x ($rest / length($noop) - 1);
	$filled .= substr($noop, 0, -2) . ' ' x ($rest - length($filled) - length $noop) . "\r\n";
	is(length "$filled$verb", 65536, 'a buffer full');
	my $mark = new_file('mark');
	my $client = greeted($name, $mark, 'pipes', 1 << 18);
	while_stopped($client, "$filled$verb$noop");
	my $last = '';
	while (defined(my $line = $client->line)) {
		$last = $line;
	}
	like("$last\r\n", $of{$name}{refused}, "$name, behind a full buffer: refused");        ## smtp-3207-6-a pop3-2595-4-c
	is($client->status, 77, "$name, behind a full buffer: the session is over");   ## smtp-3207-6-a pop3-2595-4-c
	ok(!-e $mark, "$name, behind a full buffer: no wrapper was run");      ## smtp-3207-6-a pop3-2595-4-c

	# And the other way round: who waits for the answer is served.
	$client = connected($name, $mark, 'records');
	$client->send($verb);
	like($client->line, qr/^(?:220|\+OK) /, "$name, nothing behind it: it is done");
	is($client->rest, '', 'and the wrapper is run');
	ok(-e $mark, 'as it was told');
}
is(scalar messages($root, 'bob@example.com'), 0, 'nothing was delivered');     ## smtp-3207-6-a
done_testing;
