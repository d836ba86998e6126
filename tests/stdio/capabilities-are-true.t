# What EHLO, LHLO and CAPA announce works, and what they do not announce is refused: in
# every mode of both programs, before a login and after it.  A probe tries a feature and
# tells whether it is there; the list has to say the same.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Scram qw(attributes client_final client_first decoded encoded);

my $wrapper = 'env %';
my $nobody = '/nonexistent/wrapper';
my $root = new_root([ 'bob@example.com', 'secret' ]);
my $plain = encoded("\0bob\@example.com\0secret");

# Mechanisms, and those that a client may know and nobody offers.  Each way to log in takes a session that is ready
# for it, and returns the last reply.
my %MECHANISMS = (
	'PLAIN' => sub { ask($_[0], "AUTH PLAIN $plain") },
	'LOGIN' => sub {
		my ($client) = @_;
		my $reply = ask($client, 'AUTH LOGIN');
		for ('bob@example.com', 'secret') {
			return $reply unless $reply =~ /^(?:334|\+) /;
			$reply = ask($client, encoded($_));
		}
		return $reply;
	},
	'SCRAM-SHA-256' => sub {
		my ($client) = @_;
		my $first = client_first('bob@example.com');
		my ($server_first) = ask($client, 'AUTH SCRAM-SHA-256 ' . encoded($first)) =~ /^((?:334|\+) .*)/ or return $client->{said};
		$server_first =~ s/^\S+ //;
		my ($final) = client_final('secret', $first, decoded($server_first));
		my $reply = ask($client, encoded($final));
		return $reply =~ /^(?:334|\+) / ? ask($client, '') : $reply;
	},
);
my @UNKNOWN_MECHANISMS = qw(CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256-PLUS XOAUTH2 OAUTHBEARER EXTERNAL ANONYMOUS GSSAPI NTLM);

# Sends a line and returns the reply: in SMTP all of it, in POP3 its first line.
sub ask {
	my ($client, $line) = @_;
	$client->send("$line\r\n");
	my $reply = $client->reply;
	return $client->{said} = $reply;
}

# The mechanisms that do something, each of those that we can in a session of its own.
sub working {
	my ($session) = @_;
	my @work;
	for my $mechanism (sort keys %MECHANISMS) {
		my ($client) = $session->();
		push @work, $mechanism if $MECHANISMS{$mechanism}->($client) =~ /^(?:235|\+OK)/;
		# The mailbox is free again when the program has ended
		$client->close_input;
		$client->status;
	}
	my ($client) = $session->();
	push @work, grep { ask($client, "AUTH $_") !~ /^(?:50[0-9]|530|538|-ERR)/ } @UNKNOWN_MECHANISMS;
	return @work;
}

# Has a client log in, by whatever the list has; false where it has nothing.
sub log_in {
	my ($client, %list) = @_;
	for (sort grep { $MECHANISMS{$_} } split ' ', $list{AUTH} || $list{SASL} || '') {
		return $MECHANISMS{$_}->($client) =~ /^(?:235|\+OK)/;
	}
	return 0;
}

# SMTP and LMTP --------------------------------------------------------------------------

# A session that has greeted; its list, as a hash from keyword to values.
sub smtp {
	my ($flags) = @_;
	my $client = start('smtp-stdio', $root, [ '-h', 'mail.example.org', '-e', 1000, @$flags ]);
	$client->reply unless grep { $_ eq '-g' } @$flags;
	return ($client, greet($client, $flags));
}

sub greet {
	my ($client, $flags) = @_;
	my $hello = (grep { $_ eq '-l' } @$flags) ? 'LHLO' : 'EHLO';
	my ($host, @lines) = split /\n/, ask($client, "$hello client.example");
	return map { /^250[- ](\S+) ?(.*)\z/ ? ($1, $2) : ("not a line of it: $_", '') } @lines;
}

# Each probe takes a session that may send mail, the flags, and what the list says; it
# returns what the list has to say: undef for nothing, else the values.
my %SMTP = (
	SIZE => sub {
		my ($client, $flags, $said) = @_;
		return undef if ask($client, 'MAIL FROM:<> SIZE=1') =~ /^555/;
		ask($client, 'RSET');
		return $said if ($said || 0) == 0 && ask($client, 'MAIL FROM:<> SIZE=99999999') =~ /^250/;
		return "not $said" if ask($client, 'MAIL FROM:<> SIZE=' . ($said + 1)) !~ /^552/;
		return ask($client, "MAIL FROM:<> SIZE=$said") =~ /^250/ ? $said : "less than $said";
	},
	'8BITMIME' => sub {
		my ($client) = @_;
		return ask($client, 'MAIL FROM:<> BODY=8BITMIME') =~ /^555/ ? undef : ask($client, 'RSET') && '';
	},
	ENHANCEDSTATUSCODES => sub {
		my ($client) = @_;
		my @codes = map { ask($client, $_) =~ /^\d\d\d ([245]\.\d+\.\d+ )?/ ? $1 : () } 'NOOP', 'RSET', 'XYZZY', 'DATA', 'VRFY bob';
		my $with = grep { defined } @codes;
		return $with == 0 ? undef : $with == 5 ? '' : 'sometimes';
	},
	CHUNKING => sub {
		my ($client) = @_;
		ask($client, $_) for 'MAIL FROM:<>', 'RCPT TO:<bob@example.com>';
		$client->send("BDAT 3 LAST\r\nx\r\n");
		my $reply = $client->reply;
		ask($client, 'RSET');
		return $reply =~ /^250/ ? '' : $reply =~ /^502/ ? undef : $reply;
	},
	DSN => sub {
		my ($client) = @_;
		my @replies;
		for ('RET=HDRS', 'ENVID=x') {
			push @replies, ask($client, "MAIL FROM:<> $_");
			ask($client, 'RSET');
		}
		ask($client, 'MAIL FROM:<>');
		push @replies, ask($client, "RCPT TO:<bob\@example.com> $_") for 'NOTIFY=NEVER', 'ORCPT=rfc822;bob@example.com';
		my $with = grep { /^250/ } @replies;
		my $without = grep { /^555/ } @replies;
		return $with == 4 ? '' : $without == 4 ? undef : "@replies";
	},
	SMTPUTF8 => sub {
		my ($client) = @_;
		return undef if ask($client, 'MAIL FROM:<> SMTPUTF8') =~ /^555/;
		ask($client, 'RSET');
		my $reply = ask($client, "MAIL FROM:<j\xc3\xb6rg\@example.org> SMTPUTF8");
		return $reply =~ /^250/ ? '' : $reply;
	},
	HELP => sub { ask($_[0], 'HELP') =~ /^214/ ? '' : $_[0]{said} =~ /^502/ ? undef : $_[0]{said} },
	LIMITS => sub {
		my ($client, $flags, $said) = @_;
		my ($most) = ($said || '') =~ /^RCPTMAX=([1-9][0-9]{0,5})\z/ or return $said;
		return $said if $most > 1000;
		ask($client, 'MAIL FROM:<>');
		$client->send("RCPT TO:<bob\@example.com>\r\n" x $most);
		my @refused = grep { !/^250/ } map { $client->reply } 1 .. $most;
		return "@refused" if @refused;
		return ask($client, 'RCPT TO:<bob@example.com>') =~ /^452/ ? $said : 'more';
	},
	PIPELINING => sub {
		my ($client, $flags, $said) = @_;
		$client->send("MAIL FROM:<>\r\nRCPT TO:<bob\@example.com>\r\nDATA\r\nx\r\n.\r\nNOOP\r\n");
		my $codes = join ' ', map { substr $client->reply, 0, 3 } 1 .. 5;
		return $codes eq '250 250 354 250 250' ? $said : $codes;
	},
);

# What nobody is told of, and so nobody gets
my @NOT_IN_SMTP = (
	[ 'EXPN list', 502 ], [ 'TURN', 502 ], [ 'ETRN example.com', 502 ], [ 'SEND FROM:<>', 502 ], [ 'SOML FROM:<>', 502 ],
	[ 'SAML FROM:<>', 502 ], [ 'ATRN', 500 ], [ 'BURL imap://x LAST', 500 ], [ 'XCLIENT ADDR=192.0.2.1', 500 ],
	[ 'XFORWARD ADDR=192.0.2.1', 500 ], [ 'MAIL FROM:<> BODY=BINARYMIME', '501|555' ], [ 'MAIL FROM:<> BY=120;R', 555 ],
	[ 'MAIL FROM:<> MT-PRIORITY=3', 555 ], [ 'MAIL FROM:<> HOLDFOR=60', 555 ], [ 'MAIL FROM:<> REQUIRETLS', 555 ],
	[ 'MAIL FROM:<> TRANSID=<x>', 555 ], [ 'MAIL FROM:<> SUBMITTER=a@example.org', 555 ],
);

sub check_smtp {
	my ($mode, @flags) = @_;
	my (undef, %list) = smtp(\@flags);
	my $submission = grep { $_ eq '-a' } @flags;
	my $greeted = grep { $_ eq '-g' } @flags;

	for my $state ('before a login', 'after a login') {
		my $ready = sub {
			my ($client, %before) = smtp(\@flags);
			return ($client, %before) if $state eq 'before a login' && !$submission;
			log_in($client, %before) or return;
			return ($client, greet($client, \@flags));
		};
		my (undef, %now) = $ready->();
		next if !%now;
		my %probed;
		for my $keyword (sort keys %SMTP) {
			my ($client) = $ready->();
			my $there = $SMTP{$keyword}->($client, \@flags, $now{$keyword});
			$probed{$keyword} = $there if defined $there;
		}
		my %told = map { $_ => $now{$_} } grep { $_ ne 'AUTH' && $_ ne 'STARTTLS' } keys %now;
		is_deeply(\%told, \%probed, "$mode, $state: the list is true"); ## smtp-5321-4.2.4-c smtp-5321-ehlo

		my @wrong;
		my ($client) = $ready->();
		for (@NOT_IN_SMTP) {
			my ($command, $codes) = @$_;
			my $reply = ask($client, $command);
			push @wrong, "$command: $reply" unless $reply =~ /^(?:$codes)/;
		}
		is("@wrong", '', "$mode, $state: and what nobody has heard of is refused"); ## smtp-5321-4.2.4-b smtp-5321-4.1.1.11-a smtp-5321-4.2.4-c

		# Where there is TLS, a session ends by it
		($client) = $ready->();
		my $reply = ask($client, 'STARTTLS');
		is($reply =~ /^220/ ? 1 : 0, exists $now{STARTTLS} ? 1 : 0, "$mode, $state: STARTTLS") or diag($reply); ## smtp-5321-4.2.4-c
	}

	# Mechanisms, each in a session that nobody has logged in to; and nothing afterwards
	my @work = working(sub { smtp(\@flags) });
	is(join(' ', sort split ' ', $list{AUTH} || ''), "@work", "$mode: the mechanisms that are told work, and no other"); ## smtp-5321-4.2.4-c
	my ($client) = smtp(\@flags);
	if (log_in($client, %list)) {
		my %now = greet($client, \@flags);
		ok(!exists $now{AUTH}, "$mode: after a login AUTH is not offered"); ## smtp-5321-4.2.4-c
		like(ask($client, "AUTH PLAIN $plain"), qr/^503/, "$mode: and not done"); ## smtp-5321-4.2.4-c
	} elsif (!$submission) {
		is(ask($client, 'MAIL FROM:<> AUTH=<>') =~ /^555/ ? 1 : 0, (grep { lc eq 'auth' } @flags) ? 1 : 0, "$mode: MAIL with AUTH="); ## smtp-5321-4.1.1.11-a
	}
}

my @SMTP_MODES = (
	[], [ '-s' ], [ '-p' ], [ '-s', '-p' ], [ '-s', '-g' ], [ '-n' ], [ '-b', '-p' ], [ '-l' ], [ '-l', '-p' ], [ '-l', '-s' ],
	[ '-a', '-p' ], [ '-a', '-s' ], [ '-a' ], [ '-A', 'true' ], [ '-A', 'true', '-p' ], [ '-A', 'true', '-s' ], [ '-A', 'true', '-a', '-s' ],
	[ '-T', $wrapper ], [ '-T', $wrapper, '-s' ], [ '-T', $wrapper, '-p' ], [ '-T', $wrapper, '-l' ], [ '-T', $nobody ],
	[ '-T', $wrapper, '-a', '-p' ], [ '-m', '1k' ], [ '-m', '0' ], [ '-r', '3' ], [ '-r', '1000000' ],
	map { my $keyword = $_; ([ '-p', '-T', $wrapper, '-X', $keyword ], [ '-l', '-s', '-X', lc $keyword ]) }
	    qw(PIPELINING SIZE 8BITMIME ENHANCEDSTATUSCODES CHUNKING DSN SMTPUTF8 LIMITS AUTH STARTTLS HELP),
);
check_smtp("smtp-stdio @$_", @$_) for @SMTP_MODES;

# POP3 -----------------------------------------------------------------------------------

# A session; its list, as a hash from capability to values.
sub pop3 {
	my ($flags) = @_;
	my $client = start('pop3-stdio', $root, [ '-h', 'mail.example.org', '-e', 1000, @$flags ]);
	$client->line unless grep { $_ eq '-g' } @$flags;
	return ($client, capabilities($client));
}

sub capabilities {
	my ($client) = @_;
	my %list;
	ask($client, 'CAPA') =~ /^\+OK/ or return;
	while (defined(my $line = $client->line)) {
		last if $line eq '.';
		$line =~ /^(\S+) ?(.*)\z/;
		$list{$1} = $2;
	}
	return %list;
}

sub pop3_log_in {
	my ($client, %list) = @_;
	return log_in($client, %list) if exists $list{SASL};
	return ask($client, 'USER bob@example.com') =~ /^\+OK/ && ask($client, 'PASS secret') =~ /^\+OK/;
}

# A reply of many lines is taken whole.  Returns '' where there was one, else undef.
sub has_lines {
	my ($client, $command) = @_;
	return undef unless ask($client, $command) =~ /^\+OK/;
	while (defined(my $line = $client->line)) {
		return '' if $line eq '.';
	}
	return 'without an end';
}

# The last reply of a login that is refused by its password; the client hangs up, so that
# nothing waits.
sub wrong_password {
	my ($flags, %list) = @_;
	my ($client) = pop3($flags);
	my $input = exists $list{USER} ? "USER bob\@example.com\r\nPASS wrong\r\n" : 'AUTH PLAIN ' . encoded("\0bob\@example.com\0wrong") . "\r\n";
	$client->send($input);
	$client->close_input;
	return (grep { /^-ERR/ } split /\r\n/, $client->rest)[-1];
}

# Whether a reply has a code in brackets; the text behind it never begins with one.
sub code {
	my ($reply) = @_;
	return $reply =~ /^-ERR \[([A-Z\/-]+)\] [^\[]/ ? $1 : $reply =~ /^-ERR [^\[]/ ? 'none' : $reply;
}

sub check_pop3 {
	my ($mode, @flags) = @_;
	my ($client, %list) = pop3(\@flags);
	my $has_passwords = grep { $_ eq 'PLAIN' } split ' ', $list{SASL} || '';

	# STLS, before a login
	is(ask($client, 'STLS') =~ /^\+OK/ ? 1 : 0, exists $list{STLS} ? 1 : 0, "$mode: STLS") or diag($client->{said}); ## pop3-2449-6 pop3-2595-4-b

	# Ways to log in
	($client) = pop3(\@flags);
	my $user = ask($client, 'USER bob@example.com') =~ /^\+OK/ && ask($client, 'PASS secret') =~ /^\+OK/ ? 1 : 0;
	is($user, exists $list{USER} ? 1 : 0, "$mode: USER and PASS"); ## pop3-2449-6
	$client->close_input;
	$client->status;
	my @work = working(sub { pop3(\@flags) });
	is(join(' ', sort split ' ', $list{SASL} || ''), "@work", "$mode: the mechanisms that are told work, and no other"); ## pop3-2449-6

	# Codes: of the credentials, and of a mailbox that somebody else has open
	if (($has_passwords || exists $list{USER}) && $mode !~ / -A true/) {     # which has no wrong ones
		my $has = code(wrong_password(\@flags, %list));
		is($has, exists $list{'AUTH-RESP-CODE'} ? 'AUTH' : 'none', "$mode: a wrong password"); ## pop3-2449-8 pop3-2449-6
	}
	if (exists $list{USER} || exists $list{SASL}) {
		my ($other) = pop3([ '-p' ]);
		pop3_log_in($other, SASL => 'PLAIN') or die "no login\n";
		($client) = pop3(\@flags);
		ok(!pop3_log_in($client, %list), "$mode: nobody gets a mailbox in use");
		is(code($client->{said}), exists $list{'RESP-CODES'} ? 'IN-USE' : 'none', "$mode: and is told why"); ## pop3-2449-8 pop3-2449-6
		$other->send("QUIT\r\n");
		$other->rest;
		$other->status;
	}

	# After a login
	($client) = pop3(\@flags);
	return unless pop3_log_in($client, %list);
	my %now = capabilities($client);
	my %before = %list;
	delete $before{STLS};
	is_deeply(\%now, \%before, "$mode: the same list after a login, but for STLS"); ## pop3-2449-5-a pop3-2595-4-a
	my %probed = %now;
	for ([ TOP => 'TOP 1 1' ], [ UIDL => 'UIDL' ]) {
		my ($capability, $command) = @$_;
		my $there = has_lines($client, $command);
		delete $probed{$capability};
		$probed{$capability} = $there if defined $there;
	}
	is_deeply(\%now, \%probed, "$mode: TOP and UIDL are there, or are not"); ## pop3-2449-6
	like(ask($client, 'STLS'), qr/^-ERR/, "$mode: no STLS after a login"); ## pop3-2449-6
	$client->send("NOOP\r\nSTAT\r\nLIST 1\r\nRETR 1\r\n");
	like(join(' ', map { ask_nothing($client) } 1 .. 4), qr/^\+OK \+OK \+OK \+OK/, "$mode: pipelined"); ## pop3-2449-6 pop3-2449-6.6
	while (defined(my $line = $client->line)) { last if $line eq '.' }
	for ('UTF8', 'LANG', 'LANG en', 'APOP bob 0123456789abcdef', 'XTND XMIT', 'AUTH PLAIN', 'LAST', 'XYZZY') {
		like(ask($client, $_), qr/^-ERR/, "$mode: no $_"); ## pop3-2449-6 pop3-6856-2-a
	}
	is_deeply([ grep { !/^(?:TOP|UIDL|USER|SASL|RESP-CODES|AUTH-RESP-CODE|PIPELINING|EXPIRE|STLS|IMPLEMENTATION)\z/ } keys %list ], [],
	    "$mode: and nothing is told that was not tried"); ## pop3-2449-6 pop3-6856-2-a
	is($list{EXPIRE} // 'NEVER', 'NEVER', "$mode: nothing expires"); ## pop3-2449-6
	unlike($list{IMPLEMENTATION} // '', qr/[0-9]/, "$mode: no version is told"); ## pop3-2449-6
	$client->send("QUIT\r\n");
	$client->rest;
	$client->status;
	is(scalar messages($root, 'bob@example.com'), 1, "$mode: what was read is still there"); ## pop3-2449-6
}

# The first word of a reply to what was sent before.
sub ask_nothing {
	my ($client) = @_;
	my $line = $client->line;
	return defined $line ? (split ' ', $line)[0] : 'nothing';
}

# SMTP has left messages; POP3 needs one
unlink messages($root, 'bob@example.com');
deliver($root, 'bob@example.com', "Subject: x\n\nText\n");

my @POP3_MODES = (
	[], [ '-s' ], [ '-p' ], [ '-s', '-p' ], [ '-s', '-g' ], [ '-n', '-p' ], [ '-A', 'true' ], [ '-A', 'true', '-p' ], [ '-A', 'true', '-s' ],
	[ '-T', $wrapper ], [ '-T', $wrapper, '-s' ], [ '-T', $wrapper, '-p' ], [ '-T', $nobody, '-p' ],
	[ '-X', 'SASL' ], map { [ '-p', '-T', $wrapper, '-X', $_ ], [ '-s', '-X', lc $_ ] }
	    qw(TOP UIDL USER SASL RESP-CODES AUTH-RESP-CODE PIPELINING EXPIRE STLS IMPLEMENTATION),
);
check_pop3("pop3-stdio @$_", @$_) for @POP3_MODES;
done_testing;
