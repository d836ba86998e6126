# What RFC 5321, 2033, 3030, 3207, 4954 and their like, and the manual where they leave it
# open, let a server answer: a state and octets, the replies to them and the next state.  For
# tests that try all commands in all states; written from those, and not from the program.
#
# A state is a flat hash:
#   greeted    '', 'HELO' or 'EHLO' (LHLO too)
#   user       somebody has logged in
#   protected  by TLS
#   mode       what the next octets are: command, data, PLAIN, LOGIN, password, SCRAM, proof
#              (an answer in AUTH), chunk, endless (a chunk), or closed
#   sender     there is a mail transaction; utf8: with SMTPUTF8
#   recipients how many; bob: he is among them
#   chunks     '', going or failed
#   broken, big, cr   of the message so far: to be refused; the last octet is a CR
#   name       in AUTH LOGIN: bob or other
#   chunk, last, verdict   octets of a chunk that are still to come, and what is said then
#   faults, status         of the session
#   rest       octets of a line that is not at its end yet
package SmtpModel;

use strict;
use warnings;
use MIME::Base64 qw(decode_base64 encode_base64);

my $BOB = 'bob@example.com';
my $RIGHT = encode_base64("\0$BOB\0secret", '');
my $WRONG = encode_base64("\0$BOB\0wrong", '');
my $FIRST = encode_base64("n,,n=$BOB,r=fyko+d2lbbFgONRv9qkxdawL", '');
my $SENDER = 'MAIL FROM:<a@example.org>';

# The commands that are tried, each as octets: good ones, bad ones, and what belongs to a
# message or to AUTH, which is an unknown command in any other place.
my %SYMBOLS = map { $_ => "$_\r\n" } (
	'EHLO client.example', 'HELO client.example', 'LHLO client.example', 'EHLO', 'LHLO', 'EHLO two words', 'LHLO two words',
	$SENDER, 'MAIL FROM:<>', 'mail from: <a@example.org> size=1000 body=8bitmime', "$SENDER RET=HDRS ENVID=x AUTH=<>", "$SENDER SMTPUTF8",
	"$SENDER SIZE=99999999999999999999", "$SENDER SIZE=x", "$SENDER FOO=bar", "$SENDER BODY=BINARYMIME", "$SENDER RET=x",
	"MAIL FROM:<\xc3\xbc\@example.org>", 'MAIL', 'MAIL FROM:', 'MAIL FROM:<a@example.org', 'MAIL TO:<a@example.org>',
	"RCPT TO:<$BOB>", "RCPT TO:<$BOB> NOTIFY=NEVER", 'RCPT TO:<Postmaster>', 'RCPT TO:<full@example.com>', 'RCPT TO:<nobody@example.com>', 'RCPT TO:<a@example.net>',
	'RCPT TO:<>', 'RCPT', 'RCPT TO:<a@@example.com>', "RCPT TO:<$BOB> NOTIFY=x", "RCPT TO:<$BOB> FOO", "RCPT TO:<j\xc3\xbcrgen\@example.com>",
	'DATA', 'DATA x', '.', 'Subject: x', '..',
	'BDAT', 'BDAT x', 'BDAT -1', 'BDAT 5 FOO', 'BDAT 0', 'BDAT 0 LAST', 'BDAT 00000000000000000000', 'BDAT 18446744073709551617', 'BDAT 12',
	'AUTH', 'AUTH FOO', "AUTH PLAIN $RIGHT", "AUTH PLAIN $WRONG", 'AUTH PLAIN', 'AUTH PLAIN =', 'AUTH PLAIN !', "AUTH PLAIN $RIGHT x", 'AUTH LOGIN',
	'AUTH SCRAM-SHA-256', "AUTH SCRAM-SHA-256 $FIRST", '*', '', $RIGHT, encode_base64($BOB, ''), encode_base64('secret', ''), $FIRST,
	'RSET', 'RSET x', 'NOOP', 'NOOP x', 'HELP', 'HELP x', "VRFY bob  \t", 'VRFY', 'EXPN bob', 'TURN', 'FOO', 'rset', 'QUIT', 'QUIT x', 'STARTTLS', 'STARTTLS x',
);
$SYMBOLS{'BDAT 5 .. CRLF'} = "BDAT 5\r\nabc\r\n";
$SYMBOLS{'BDAT 5 LAST .. CRLF'} = "bdat 5 last\r\nabc\r\n";
$SYMBOLS{'BDAT 5 LAST .. dot'} = "BDAT 5 LAST\r\n\r\n.\r\n";
$SYMBOLS{'BDAT 3 .. LF'} = "BDAT 3\r\na\nb";
$SYMBOLS{'BDAT 1 .. CR'} = "BDAT 1\r\n\r";
$SYMBOLS{'BDAT 3000'} = "BDAT 3000\r\n" . 'x' x 3000;
$SYMBOLS{'BDAT 9223372036854775808 LAST'} = "BDAT 9223372036854775808 LAST\r\n";
$SYMBOLS{'LF in a line'} = "NOOP\nNOOP\r\n";
$SYMBOLS{'CR in a line'} = "NOOP\rNOOP\r\n";
$SYMBOLS{'NUL in a line'} = "NOOP\0\r\n";
$SYMBOLS{'a line of 3000'} = 'x' x 3000 . "\r\n";
$SYMBOLS{'a line of 5000'} = 'x' x 5000 . "\r\n";
$SYMBOLS{'a line of 15000'} = 'x' x 15000 . "\r\n";
$SYMBOLS{'STARTTLS and NOOP'} = "STARTTLS\r\nNOOP\r\n";

# Text that is taken away from what is announced, and the keyword that does it
my %KEYWORD_OF = (SIZE => 'SIZE', BODY => '8BITMIME', SMTPUTF8 => 'SMTPUTF8', RET => 'DSN', ENVID => 'DSN', NOTIFY => 'DSN', AUTH => 'AUTH');

# A model of a server with flags.  Named arguments:
#   lmtp, submission, protected, plain   -l, -a, -s, -p
#   without      array of keywords, -X
#   wrapper      good or missing: what -T names
#   faults       -e, 0: without limit
# The others are given always: -h HOST, -m 2k, -r 3.
sub new {
	my ($class, %with) = @_;
	my $self = bless { host => 'mail.example.com', size => 2048, most => 3, faults => 0, wrapper => '', %with }, $class;
	$self->{without} = { map { $_ => 1 } @{$with{without} || []} };
	$self->{without}{SMTPUTF8} = 1 if $self->{without}{'8BITMIME'};
	return $self;
}

sub flags {
	my ($self) = @_;
	return ('-h', $self->{host}, '-m', '2k', '-r', 3, '-e', $self->{faults} || 1_000_000_000,
	    ($self->{lmtp} ? '-l' : ()), ($self->{submission} ? '-a' : ()), ($self->{protected} ? '-s' : ()), ($self->{plain} ? '-p' : ()),
	    (map { ('-X', $_) } grep { !($_ eq 'SMTPUTF8' && $self->{without}{'8BITMIME'}) } sort keys %{$self->{without}}),
	    $self->{wrapper} eq 'good' ? ('-T', 'env %') : $self->{wrapper} ? ('-T', '/nonexistent/wrapper') : ());
}

# The names of the commands to try.
sub symbols {
	return sort keys %SYMBOLS;
}

# The octets of a command.
sub octets {
	my ($self, $symbol) = @_;
	return $SYMBOLS{$symbol};
}

# What may bring a session back to a state that it had.
sub resets {
	return ('RSET', 'EHLO client.example', 'HELO client.example', 'LHLO client.example', '.', '*', 'FOO', 'a line of 3000');
}

# What leads to states that cannot be left again.
sub roots {
	my ($self) = @_;
	my @roots = map { [ $_ ] } $self->{lmtp} ? 'LHLO client.example' : ('EHLO client.example', 'HELO client.example');
	my @logins = $self->{without}{AUTH} ? () : map { [ @$_, "AUTH PLAIN $RIGHT" ] } @roots;
	my @protected = map { [ 'STARTTLS', @$_ ], [ $roots[0][0], 'STARTTLS', @$_ ] } [], @roots, @logins;
	push @roots, @logins if $self->{plain} || $self->{protected};
	push @roots, @protected if $self->{wrapper} eq 'good' && !$self->{without}{STARTTLS};
	return @roots;
}

# The state of a session that has begun, and the greeting.
sub start {
	my ($self) = @_;
	my %state = (greeted => '', user => 0, protected => $self->{protected} ? 1 : 0, mode => 'command', faults => 0, status => 0, rest => '');
	forget(\%state);
	return (\%state, [ qr/\G220 \Q$self->{host}\E [EL]S?MTP[^\r\n]*\r\n/ ]);
}

# No mail transaction any more.
sub forget {
	my ($state) = @_;
	@$state{qw(sender utf8 recipients bob chunks broken big cr name chunk last verdict)} = (0, 0, 0, 0, '', 0, 0, 0, '', 0, 0, '');
}

# A client sends octets.  Changes the state, and returns
#   replies    what is allowed, one pattern a reply (or a function that takes one off a string)
#   delivered  how many messages are in bob's mailbox by it
#   wait       true: what is sent before the replies have come is not the same
#   slow       true: the reply takes its time, if the client is still there
sub step {
	my ($self, $state, $octets) = @_;
	my %done = (replies => [], delivered => 0);
	$state->{rest} .= $octets;
	while ($state->{mode} !~ /^(?:closed|endless)\z/ && length $state->{rest}) {
		if ($state->{mode} eq 'chunk') {
			$self->chunk($state, \%done, substr $state->{rest}, 0, $state->{chunk}, '');
			last if $state->{mode} eq 'chunk';
			next;
		}
		$state->{rest} =~ s/\A(.*?)\r\n//s or last;
		$self->line($state, \%done, $1);
	}
	$state->{rest} = '' if $state->{mode} =~ /^(?:closed|endless)\z/;
	return \%done;
}

# The patterns of a reply, from alternatives like `503 5.5.1`.
my %patterns;
sub pattern {
	my ($self, @replies) = @_;
	my $key = join ',', $self->{without}{ENHANCEDSTATUSCODES} || 0, @replies;
	return $patterns{$key} ||= do {
		my @texts = map {
			my ($code, $enhanced) = split ' ';
			!defined $enhanced ? "$code (?!\\d\\.\\d+\\.\\d+ )" : $enhanced eq '-' ? "$code "
			    : $self->{without}{ENHANCEDSTATUSCODES} ? "$code (?!\\d\\.\\d+\\.\\d+ )" : "$code \Q$enhanced\E ";
		} @replies;
		my $any = join '|', @texts;
		qr/\G(?:$any)[^\r\n]*\r\n/;
	};
}

# Answers: with one of several replies that are all allowed and do the same.
sub say {
	my ($self, $state, $done, @replies) = @_;
	my $is_fault = $replies[0] =~ /^5/ && $replies[0] ne '550 5.1.1';
	if ($is_fault && $self->{faults} && ++$state->{faults} >= $self->{faults}) {
		push @{$done->{replies}}, $self->pattern('421 4.7.0');
		@$state{qw(mode status)} = ('closed', 77);
		return;
	}
	push @{$done->{replies}}, $self->pattern(@replies);
}

# The end of a message, or of what was sent of one that was refused: a reply, or one for each
# recipient.
sub say_for_message {
	my ($self, $state, $done, $reply) = @_;
	$self->say($state, $done, $reply) for 1 .. ($self->{lmtp} ? $state->{recipients} : 1);
}

sub line {
	my ($self, $state, $done, $line) = @_;
	return $self->text($state, $done, $line) if $state->{mode} eq 'data';
	return $self->response($state, $done, $line) if $state->{mode} ne 'command';
	return $self->say($state, $done, '500 5.5.2') if $line =~ /[\r\n\0]/ || length $line > ($line =~ /^AUTH /i ? 12286 : 4094);
	$line =~ s/[ \t]+\z//;
	my ($verb, $argument) = $line =~ /^([A-Za-z]+)(?: +(.*))?\z/s or return $self->say($state, $done, '500 5.5.2');
	my $handler = $self->can('smtp_' . lc $verb);
	return $self->say($state, $done, '502 5.5.1') if $verb =~ /^(?:EXPN|TURN)\z/i || $handler && $self->{without}{uc $verb};
	return $self->say($state, $done, '500 5.5.2') unless $handler;
	$handler->($self, $state, $done, defined $argument ? $argument : '');
}

# -- Session

sub hello {
	my ($self, $state, $done, $argument, $verb) = @_;
	return $self->say($state, $done, '501') if $argument !~ /^\S+\z/;
	forget($state);
	$state->{greeted} = $verb;
	return push @{$done->{replies}}, $self->{short} ||= qr/\G250 \Q$self->{host}\E\r\n/ if $verb eq 'HELO';
	push @{$done->{replies}}, $self->keywords($state);
}

# The reply to EHLO: these keywords, in any order.
sub keywords {
	my ($self, $state) = @_;
	my @mechanisms = ('SCRAM-SHA-256', $self->plain_is_allowed($state) ? qw(PLAIN LOGIN) : ());
	my %keywords = map { $_ => '' } qw(PIPELINING 8BITMIME ENHANCEDSTATUSCODES CHUNKING DSN SMTPUTF8 HELP);
	@keywords{qw(SIZE LIMITS)} = (" $self->{size}", " RCPTMAX=$self->{most}");
	$keywords{AUTH} = " @mechanisms" unless $state->{user};
	$keywords{STARTTLS} = '' if $self->{wrapper} && !$state->{protected};
	delete @keywords{keys %{$self->{without}}};
	my %lines = map { $_ . $keywords{$_} => 1 } keys %keywords;
	my $may_miss = $self->{wrapper} eq 'missing' ? 'STARTTLS' : '';
	return $self->{lists}{join ' ', sort keys %lines} ||= sub {
		${$_[0]} =~ /\G250-\Q$self->{host}\E\r\n((?:250-[^\r\n]*\r\n)*250 [^\r\n]*\r\n)/gc or return 0;
		my %left = %lines;
		delete $left{substr $_, 4} or return 0 for split /\r\n/, $1;
		return !grep { $_ ne $may_miss } keys %left;
	};
}

sub smtp_ehlo {
	my ($self, $state, $done, $argument) = @_;
	return $self->say($state, $done, '500') if $self->{lmtp};
	$self->hello($state, $done, $argument, 'EHLO');
}

sub smtp_helo {
	my ($self, $state, $done, $argument) = @_;
	return $self->say($state, $done, '500') if $self->{lmtp};
	$self->hello($state, $done, $argument, 'HELO');
}

sub smtp_lhlo {
	my ($self, $state, $done, $argument) = @_;
	return $self->say($state, $done, '500 5.5.2') unless $self->{lmtp};
	$self->hello($state, $done, $argument, 'EHLO');
}

sub smtp_noop { $_[0]->say(@_[1, 2], '250 2.0.0') }
sub smtp_help { $_[0]->say(@_[1, 2], '214 2.0.0') }

sub smtp_vrfy {
	my ($self, $state, $done, $argument) = @_;
	return $self->say($state, $done, '530 5.7.0', length $argument ? () : '501 5.5.4') if $self->{submission} && !$state->{user};
	$self->say($state, $done, length $argument ? '252 2.0.0' : '501 5.5.4');
}

sub smtp_rset {
	my ($self, $state, $done, $argument) = @_;
	return $self->say($state, $done, '501 5.5.4') if length $argument;
	forget($state);
	$self->say($state, $done, '250 2.0.0');
}

sub smtp_quit {
	my ($self, $state, $done, $argument) = @_;
	return $self->say($state, $done, '501 5.5.4') if length $argument;
	$self->say($state, $done, '221 2.0.0');
	$state->{mode} = 'closed';
}

# RFC 3207 section 4: nothing of the session is left after it.
sub smtp_starttls {
	my ($self, $state, $done, $argument) = @_;
	return $self->say($state, $done, $self->{wrapper} ? '503 5.5.1' : ('503 5.5.1', '502 5.5.1'), length $argument ? '501 5.5.4' : ()) if $state->{protected};
	return $self->say($state, $done, '502 5.5.1', length $argument ? '501 5.5.4' : ()) unless $self->{wrapper};
	return $self->say($state, $done, '501 5.5.4') if length $argument;
	if (length $state->{rest}) {            # came with it: command injection
		push @{$done->{replies}}, $self->pattern('501 5.5.4');
		@$state{qw(mode status)} = ('closed', 77);
		return;
	}
	$done->{wait} = 1;
	return $self->say($state, $done, '454 4.7.0') if $self->{wrapper} eq 'missing';
	$self->say($state, $done, '220 2.0.0');
	my ($new) = $self->start;
	%$state = (%$new, protected => 1);
}

# -- Mail transaction

# Which reply the parameters behind a path ask for, where it is not a good one.
sub parameters_reply {
	my ($self, $state, @parameters) = @_;
	for my $parameter (@parameters) {
		my ($keyword, $value) = uc($parameter) =~ /^([^=]*)(?:=(.*))?\z/;
		my $of = $KEYWORD_OF{$keyword};
		return '555 5.5.4' if !$of || $self->{without}{$of} && $of ne 'AUTH';
		return '555 5.5.4' if $of eq 'AUTH' && $self->{without}{AUTH};
		return '555 5.5.4' if $keyword eq 'BODY' && $value eq 'BINARYMIME';
		return '501 5.5.4' if $value && $value eq 'X' && $keyword ne 'ENVID';
		return '552 5.3.4' if $keyword eq 'SIZE' && $value > $self->{size};
	}
	return undef;
}

sub smtp_mail {
	my ($self, $state, $done, $argument) = @_;
	my ($path, @parameters) = $argument =~ /^FROM: ?(<[^>]*>)(.*)\z/i ? ($1, split ' ', $2) : ();
	my $wrong = !defined $path ? ($argument =~ /^FROM:</i ? '501 5.1.7' : '501 5.5.4')
	    : $self->parameters_reply($state, @parameters);
	$wrong ||= '550 5.6.7' if $path && $path =~ /[\x80-\xff]/ && !grep { $_ eq 'SMTPUTF8' } @parameters;
	my $order = !$state->{greeted} || $state->{sender} || $state->{chunks} ? '503 5.5.1' : undef;
	my $login = $self->{submission} && !$state->{user} ? '530 5.7.0' : undef;
	return $self->say($state, $done, grep { defined } $order, $login, $wrong) if $order || $login || $wrong;
	forget($state);
	$state->{sender} = 1;
	$state->{utf8} = 1 if grep { $_ eq 'SMTPUTF8' } @parameters;
	$self->say($state, $done, '250 2.1.0');
}

sub smtp_rcpt {
	my ($self, $state, $done, $argument) = @_;
	my ($path, @parameters) = $argument =~ /^TO:<([^>]+)>(.*)\z/i ? ($1, split ' ', $2) : ();
	my $wrong = !defined $path ? ($argument =~ /^TO:</i ? '501 5.1.3' : '501 5.5.4')
	    : $path =~ /\@\@/ ? '501 5.1.3' : $self->parameters_reply($state, @parameters);
	$wrong ||= '553 5.6.7' if $path && $path =~ /[\x80-\xff]/ && !$state->{utf8};
	my $order = !$state->{sender} || $state->{chunks} ? '503 5.5.1' : undef;
	my $many = $state->{recipients} >= $self->{most} ? '452 4.5.3' : undef;
	# <> is a path, if none for here: past the limit it may be told what any other is
	return $self->say($state, $done, grep { defined } $order, $argument =~ /^TO:<>/i ? $many : undef, $wrong) if $order || $wrong;
	my $reply = $path =~ /^full/ ? '452 4.2.2' : $path =~ /^(?:nobody|j)/ ? '550 5.1.1' : undef;
	# Mail for other hosts is taken on submission alone, for who has logged in
	$reply ||= '550 5.7.1' if $path =~ /example\.net/ && !($self->{submission} && $state->{user});
	return $self->say($state, $done, grep { defined } $many, $reply) if $reply || $many;
	$state->{recipients}++;
	$state->{bob} = 1 if $path =~ /^bob/;
	$self->say($state, $done, '250 2.1.5');
}

sub smtp_data {
	my ($self, $state, $done, $argument) = @_;
	my $order = !$state->{recipients} || $state->{chunks} ? '503 5.5.1' : undef;
	return $self->say($state, $done, grep { defined } $order, length $argument ? '501 5.5.4' : undef) if $order || length $argument;
	$state->{mode} = 'data';
	push @{$done->{replies}}, $self->pattern('354');
}

# A line of a message.
sub text {
	my ($self, $state, $done, $line) = @_;
	if ($line eq '.') {
		$state->{mode} = 'command';
		return $self->message($state, $done);
	}
	$state->{broken} = 1 if $line =~ /[\r\n\0]/;
	$state->{big} = 1 if length $line > $self->{size};
}

# A message is there, or the last chunk of one.
sub message {
	my ($self, $state, $done) = @_;
	my $reply = $state->{big} ? '552 5.3.4' : $state->{broken} ? '550 5.6.0' : '250 2.0.0';
	$done->{delivered} += $state->{bob} if $reply eq '250 2.0.0';
	if ($state->{big} && $state->{broken}) {
		$self->say($state, $done, '552 5.3.4', '550 5.6.0') for 1 .. ($self->{lmtp} ? $state->{recipients} : 1);
	} else {
		$self->say_for_message($state, $done, $reply);
	}
	my $mode = $state->{mode};
	forget($state);
	$state->{mode} = $mode;
}

sub smtp_bdat {
	my ($self, $state, $done, $argument) = @_;
	my ($octets, $last) = $argument =~ /^(\d{1,19})( LAST)?\z/i;
	if (!defined $octets) {                 # and so no octets follow
		my $order = !$state->{recipients} || $state->{chunks} eq 'failed' ? '503 5.5.1' : undef;
		return $self->say($state, $done, '502 5.5.1', '501 5.5.4') if $self->{without}{CHUNKING};
		return $self->say($state, $done, grep { defined } $order, '501 5.5.4');
	}
	@$state{qw(chunk last)} = ($octets, $last ? 1 : 0);
	$state->{verdict} = $self->{without}{CHUNKING} ? 'unknown' : !$state->{recipients} || $state->{chunks} eq 'failed' ? 'order' : '';
	$state->{mode} = 'chunk';
	$self->chunk($state, $done, '') unless $octets;
}

# Octets of a chunk.
sub chunk {
	my ($self, $state, $done, $octets) = @_;
	$state->{big} = 1 if $state->{chunk} > $self->{size} && !$state->{verdict};
	$state->{chunk} -= length $octets;
	if (!$state->{verdict}) {
		my $text = ($state->{cr} ? "\r" : '') . $octets;
		my $ends = $text =~ s/\r\z// ? 1 : 0;
		$text =~ s/\r\n//g;
		$state->{broken} = 1 if $text =~ /[\r\n\0]/;
		$state->{cr} = $ends;
	}
	if ($state->{chunk} > 1 << 62) {        # comes to no end
		@$state{qw(mode rest)} = ('endless', '');
		return;
	}
	return if $state->{chunk} > 0;
	$state->{mode} = 'command';
	$self->end_of_chunk($state, $done);
	@$state{qw(last verdict)} = (0, '');
	$state->{chunk} = 0;
}

# All of a chunk is there.
sub end_of_chunk {
	my ($self, $state, $done) = @_;
	my ($order, $last) = ($state->{verdict}, $state->{last});
	return $self->say($state, $done, '502 5.5.1') if $order eq 'unknown';
	if ($order && $self->{lmtp} && $last && $state->{sender}) {
		# RFC 2033 section 4.3: a reply for each recipient, and so none for none
		$self->say($state, $done, '503 5.5.1') for 1 .. $state->{recipients};
		forget($state) unless $state->{recipients};
		return;
	}
	if ($order) {
		$self->say($state, $done, '503 5.5.1');
		return;
	}
	if ($state->{big}) {
		if ($last) {
			$self->say_for_message($state, $done, '552 5.3.4');
			forget($state);
		} else {
			$self->say($state, $done, '552 5.3.4');
			@$state{qw(chunks broken big cr)} = ('failed', 0, 0, 0);
		}
		return;
	}
	if (!$last) {
		$state->{chunks} = 'going';
		return $self->say($state, $done, '250 2.0.0');
	}
	$state->{broken} = 1 if $state->{cr};
	$self->message($state, $done);
}

# -- Logging in

sub plain_is_allowed {
	my ($self, $state) = @_;
	return $self->{plain} || $state->{protected};
}

sub smtp_auth {
	my ($self, $state, $done, $argument) = @_;
	my ($mechanism, $response, @more) = split ' ', uc($argument) =~ /^(\S+)/ ? $argument : '';
	$mechanism = uc(defined $mechanism ? $mechanism : '');
	my $wrong = !length $mechanism || @more ? '501 5.5.4' : $mechanism !~ /^(?:PLAIN|LOGIN|SCRAM-SHA-256)\z/ ? '504 5.5.4'
	    : $mechanism !~ /^SCRAM/ && !$self->plain_is_allowed($state) ? '538 5.7.11' : undef;
	my $order = !$state->{greeted} || $state->{user} || $state->{sender} || $state->{chunks} ? '503 5.5.1' : undef;
	return $self->say($state, $done, grep { defined } $order, $wrong) if $order || $wrong;
	$state->{mode} = $mechanism =~ /^SCRAM/ ? 'SCRAM' : $mechanism;
	return $self->response($state, $done, $response eq '=' ? '' : $response, 'initial') if defined $response;
	push @{$done->{replies}}, $mechanism eq 'LOGIN' ? qr/\G334 VXNlcm5hbWU6\r\n/ : qr/\G334 \r\n/;
}

# A line that the client answers in AUTH.
sub response {
	my ($self, $state, $done, $line) = @_;
	my $mode = $state->{mode};
	$state->{mode} = 'command';
	return $self->say($state, $done, '500 5.5.6') if length $line > 12286;
	return $self->say($state, $done, '501 5.7.0') if $line eq '*';
	return $self->say($state, $done, '501 5.5.2', '500 5.5.2') unless $line =~ m{^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\z};
	my $text = decode_base64($line);
	if ($mode eq 'LOGIN' && $text =~ /^[^\0]+\z/ && utf8::decode(my $copy = $text)) {
		@$state{qw(mode name)} = ('password', $text eq $BOB ? 'bob' : 'other');
		push @{$done->{replies}}, qr/\G334 UGFzc3dvcmQ6\r\n/;
		return;
	}
	if ($mode eq 'SCRAM' && $line eq $FIRST) {
		$state->{mode} = 'proof';
		push @{$done->{replies}}, qr/\G334 [A-Za-z0-9+\/=]+\r\n/;
		return;
	}
	my $right = $mode eq 'PLAIN' ? $line eq $RIGHT : $mode eq 'password' && $state->{name} eq 'bob' && $text eq 'secret';
	$state->{name} = '';
	$done->{slow} = 1 unless $right;
	return $self->say($state, $done, '535 5.7.8') unless $right;
	$state->{user} = 1;
	$self->say($state, $done, '235 2.7.0');
}

1;
