# Failures on order (-x) and what is left out (-X), as far as no conversation shows them:
# what is a mistake on the command line, and what the log, a TLS wrapper and a filter see.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $root = new_root([ 'bob@example.com', 'secret' ]);
my %keywords = (
	'smtp-stdio' => [ qw(PIPELINING SIZE 8BITMIME ENHANCEDSTATUSCODES CHUNKING DSN SMTPUTF8 LIMITS AUTH STARTTLS HELP) ],
	'pop3-stdio' => [ qw(TOP UIDL USER SASL RESP-CODES AUTH-RESP-CODE PIPELINING EXPIRE STLS IMPLEMENTATION) ],
);

for my $name (sort keys %keywords) {
	my $quit = sub { with_errors("QUIT\r\n", [ program($name), '-d', $root, @_ ]) };

	for ('', '=', '=550 No', 'RCPT', 'RCPT/2', '/2=550 No', 'RCPT/=550 No', 'RCPT/0=550 No', 'RCPT/-1=550 No', 'RCPT/x=550 No',
	    'RCPT TO=550 No', 'RCPT1=550 No', '++=550 No', "RCPT=550 No\r\n250 OK", "RCPT=550 \e[1m", 'RCPT/1/2=550 No') {
		my ($output, $status, $errors) = $quit->('-x', $_);
		my $shown = Program::visible($_);
		is("$output$status", 64, "$name -x '$shown': a mistake"); ## smtp-stdio-x
		like($errors, qr/\A-x wants [^\n]*\n.*\[-x rule\]/s, "$name -x '$shown': and which"); ## smtp-stdio-x
	}
	my ($output, $status) = $quit->(map { ('-x', "X=$_") } 1 .. 64);
	is($status, 0, "$name: 64 rules"); ## smtp-stdio-x
	($output, $status) = $quit->(map { ('-x', "X=$_") } 1 .. 65);
	is("$output$status", 64, "$name: and no more"); ## smtp-stdio-x

	for my $keyword (@{$keywords{$name}}) {
		for (uc $keyword, lc $keyword) {
			($output, $status) = $quit->('-X', $_);
			is($status, 0, "$name -X $_: is a keyword"); ## smtp-stdio-x
		}
	}
	($output, $status) = $quit->(map { ('-X', $_) } (@{$keywords{$name}}) x 2);
	is($status, 0, "$name: all of them, and twice"); ## smtp-stdio-x
	for ('', 'XCLIENT', 'SIZE=10', 'AUTH PLAIN', 'TO', 'TOPS', 'BDAT', 'RETR', $name eq 'smtp-stdio' ? 'TOP' : 'DSN') {
		($output, $status, my $errors) = $quit->('-X', $_);
		is("$output$status", 64, "$name -X '$_': a mistake"); ## smtp-stdio-x
		like($errors, qr/\A-X wants [^\n]*\n.*\[-X keyword\]/s, "$name -X '$_': and which"); ## smtp-stdio-x
	}
}

# Deterministic: the same again, however often and however the octets come
{
	my $session = join "\r\n", 'EHLO c', 'MAIL FROM:<>', ('RCPT TO:<bob@example.com>') x 5, 'RSET', 'NOOP', 'QUIT', '';
	my %seen;
	for (1 .. 8) {
		my $client = start('smtp-stdio', $root, [ '-h', 'h', '-x', 'RCPT/2=451 again', '-x', 'RCPT/4=550 no', '-x', 'NOOP=250 x' ],
		    wire => $_ % 2 ? 'pipes' : 'records');
		$client->send($session, $_ % 2 ? 0 : $_);
		$client->close_input;
		$seen{$client->rest}++;
	}
	is(join(' ', values %seen), 8, 'eight sessions, one conversation'); ## smtp-stdio-x
	like((keys %seen)[0], qr/\n250 2\.1\.5 [^\n]*\n451 again\r\n250 2\.1\.5 [^\n]*\n550 no\r\n250 2\.1\.5 [^\n]*\n250 2\.0\.0 [^\n]*\n250 x\r\n221 /,
	    'the second and the fourth'); ## smtp-stdio-x
}

# What a rule says is in the log of a conversation; an AUTH that it answers is there without
# what the client sent
for my $name (sort keys %keywords) {
	my $hello = $name eq 'smtp-stdio' ? "EHLO c\r\n" : '';
	my (undef, undef, $log) = with_errors("${hello}AUTH PLAIN AGJvYgBzZWNyZXQ=\r\nQUIT\r\n",
	    [ program($name), '-d', $root, '-p', '-v', '-x', 'AUTH=999 not now' ]);
	like($log, qr/conversation server="999 not now"/, "$name: a rule's reply is logged"); ## smtp-stdio-x
	like($log, qr/conversation client="?AUTH/, "$name: and what it was for"); ## smtp-stdio-x
	unlike($log, qr/AGJvYgBzZWNyZXQ/, "$name: but no password");
}

# Behind STARTTLS a new session begins, with the same rules and nothing counted yet, but for
# the greeting, which there is none
for (['smtp-stdio', 'STARTTLS'], ['pop3-stdio', 'STLS']) {
	my ($name, $verb) = @$_;
	# The rules have blanks in them, which % has to keep
	my $client = start($name, $root, [ '-T', 'env %', '-x', 'XYZZY/2=250 the second', '-x', '+=250 hello you',
	    '-X', $name eq 'smtp-stdio' ? 'HELP' : 'TOP' ]);
	is($client->line, '250 hello you', "$name: the greeting"); ## smtp-stdio-x
	unlike($client->ask('XYZZY'), qr/second/, "$name: one use");
	$client->ask($verb);
	$client->send("XYZZY\r\nXYZZY\r\n");
	like($client->line, qr/^(?:500|-ERR) /, "$name: no greeting behind $verb, and what was before does not count"); ## smtp-stdio-x
	is($client->line, '250 the second', "$name: the rule is there, whole"); ## smtp-stdio-x
	if ($name eq 'smtp-stdio') {
		unlike($client->ask('EHLO c'), qr/HELP/, "$name: and so is what is left out"); ## smtp-stdio-x
	} else {
		like($client->ask('TOP 1 0'), qr/^-ERR/, "$name: and so is what is left out"); ## smtp-stdio-x
		like($client->ask('CAPA'), qr/^\+OK/, "$name: and the list");
		my @list;
		while (defined(my $line = $client->line)) { last if $line eq '.'; push @list, $line }
		is(join(' ', grep { /TOP/ } @list), '', "$name: does not tell it"); ## smtp-stdio-x
	}
	$client->send("QUIT\r\n");
	$client->rest;
	is($client->status, 0, "$name: a good end");
}

# A message that a rule answers is for nobody: no filter runs, and no report is made
{
	my $seen = new_file('seen');
	my $filter = new_file('filter');
	open my $script, '>', $filter or die "$filter: $!\n";
	print $script "#!/bin/sh\n: >$seen\n";
	close $script;
	chmod 0755, $filter;
	my ($output, $status) = run("EHLO c\r\nMAIL FROM:<bob\@example.com>\r\nRCPT TO:<bob\@example.com> NOTIFY=SUCCESS\r\n"
	    . "DATA\r\nx\r\n.\r\nQUIT\r\n", [ program('smtp-stdio'), '-d', $root, '-f', $filter, '-x', '.=250 2.0.0 OK' ]);
	like($output, qr/^354 [^\n]*\n250 2\.0\.0 OK\r\n221 /m, 'it is answered'); ## smtp-stdio-x
	ok(!-e $seen, 'no filter has seen it'); ## smtp-stdio-x
	is(scalar messages($root, 'bob@example.com'), 0, 'nobody has it, nor a report of it'); ## smtp-stdio-x
}
done_testing;
