#!/usr/bin/perl
# What is put into the queue for other hosts: one entry for all that a message reaches by the
# same way, with what the client has asked for, letter for letter; the message is the same
# file as in the mailboxes here.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use Queue;
use SmtpAuth qw(plain);

my $sent = "Subject: it\r\n\r\nThe text.\r\n";

# Sends a message as bob, who has logged in.  Returns the final replies and the log.
sub submit {
	my ($root, $mail, $rcpt, %with) = @_;
	my @flags = @{$with{flags} || [ '-a', '-p' ]};
	my $lmtp = grep { $_ eq '-l' } @flags;
	my @talk = ($lmtp ? 'LHLO client.example' : 'EHLO client.example',
	    (grep { $_ eq '-a' } @flags) ? 'AUTH PLAIN ' . plain('', 'bob@example.com', 'secret') : (),
	    "MAIL FROM:$mail", (map { "RCPT TO:$_" } @$rcpt), 'DATA');
	my ($output, $status, $said) = with_errors(join('', map { "$_\r\n" } @talk) . ($with{text} // $sent) . ".\r\nQUIT\r\n",
	    [ program('smtp-stdio'), '-h', 'mail.example.org', @flags, '-d', $root ]);
	is($status, 0, 'the session ends well');
	my @replies = grep { !/^250-/ } map { s/\r//r } split /\n/, $output;
	my ($data) = grep { $replies[$_] =~ /^354/ } 0 .. $#replies;
	return ($said, defined $data ? @replies[$data + 1 .. $#replies - 1] : @replies);
}

# A mail root with bob, who submits, and others; forward => [ targets ].
sub root_with {
	my (%forward) = @_;
	my $root = new_root([ 'bob@example.com', 'secret' ], map { "$_\@example.com" } 'ann', 'carl', keys %forward);
	for my $account (keys %forward) {
		my $path = "$root/accounts/example.com/$account/forward";
		open my $file, '>', $path or die "$path: $!\n";
		print $file map { "$_\n" } @{$forward{$account}};
		close $file or die "$path: $!\n";
	}
	return $root;
}

sub inode_of {
	return (stat $_[0])[1];
}

# What recipients an entry has, each with its parameters.
sub recipients {
	my ($entry) = @_;
	return [ map { join ' ', $_->{path}, grep { length } $_->{parameters} } @{$entry->{to}} ];
}

subtest 'three here, two elsewhere' => sub {
	my $root = root_with();
	my $before = time;
	my ($log, @final) = submit($root, '<bob@example.com>',
	    [ map { "<$_>" } 'ann@example.com', 'x@elsewhere.example', 'bob@example.com', 'y@third.example', 'carl@example.com' ]);
	my ($id) = $final[0] =~ /^250 2\.0\.0 OK id=(\w+)$/;
	my @entries = queued($root);
	is(scalar @entries, 1, 'there is one entry');
	my ($entry) = @entries;
	is($entry->{id}, $id, 'which is called as the client was told');
	my @inodes = map { inode_of(messages($root, "$_\@example.com")) } 'ann', 'bob', 'carl';
	is("@inodes", join(' ', ($entry->{inode}) x 3), 'it is the same file as in three mailboxes'); ## smtp-stdio-store-b
	is((stat "$root/outgoing/message/$id")[3], 4, 'and in no other place'); ## smtp-stdio-store-c
	like($entry->{message}, qr/\AReturn-Path: <bob\@example\.com>\nReceived: [^\0]*\bid \Q$id\E;[^\0]*\nThe text\.\n\z/,
	    'with the trace of the mailboxes');
	is($entry->{from}, 'bob@example.com', 'the sender is in its envelope');
	is($entry->{parameters}, '', 'without parameters where there were none'); ## smtp-3461-5.2.1
	is_deeply(recipients($entry), [ 'x@elsewhere.example', 'y@third.example' ], 'and those who are elsewhere'); ## smtp-3461-5.2.1
	is_deeply([ map { "$_->{state} $_->{tries} " . ($_->{due} - $entry->{arrived}) } @{$entry->{to}} ], [ ('to 0 0') x 2 ],
	    'both wait, and are due');
	ok($entry->{due} >= $before && $entry->{due} <= time && $entry->{arrived} >= $before, 'at once');
	is(scalar(grep { /^smtp-stdio\S* delivery id=$id .*\buser=bob\@example\.com .*\bto=\w\@\w+\.example queued=$id .*\bstatus=250/ } split /\n/, $log),
	    2, 'both are in the log') or diag $log;
	is(scalar(grep { / delivery / && !/queued/ } split /\n/, $log), 3, 'and the others are not said to be queued');
	is_deeply([ glob "$root/mail/.incoming/*" ], [], 'nothing is left in .incoming');
	is_deeply([ map { sprintf '%o', (stat "$root/outgoing/$_")[2] & 07777 } '', queue_files($root) ], [ 700, 600, 600 ],
	    'nobody else may read it');
};

subtest 'what was asked for' => sub {
	my $root = root_with();
	submit($root, '<Bob@Example.COM> SIZE=100  BODY=8bitMIME RET=hdrs AUTH=<> ENVID=QQ+2B314',
	    [ '<X.y@Elsewhere.example> notify=Success,FAILURE ORCPT=rfc822;Some+40one@elsewhere.example',
	      '<z@elsewhere.example>', '<n@elsewhere.example> ORCPT=x-own;any  NOTIFY=NEVER', '<"a b>"@third.example>' ]);
	my ($entry) = queued($root);
	is($entry->{from}, 'Bob@Example.COM', 'the sender is as he was given'); ## smtp-5321-2.4-b
	is($entry->{parameters}, 'BODY=8bitMIME RET=hdrs ENVID=QQ+2B314', 'his parameters go along, but those that are for us'); ## smtp-3461-5.2.1
	is_deeply(recipients($entry), [ '"a b>"@third.example',
	    'X.y@Elsewhere.example notify=Success,FAILURE ORCPT=rfc822;Some+40one@elsewhere.example',
	    'n@elsewhere.example ORCPT=x-own;any NOTIFY=NEVER', 'z@elsewhere.example' ],
	    'and those of each recipient'); ## smtp-3461-5.2.1 smtp-5321-2.4-b
	is(scalar messages($root, 'bob@example.com'), 0, 'nobody reports about what is somebody else\'s to deliver'); ## smtp-3461-5.2-a
};

subtest 'once each' => sub {
	my $root = root_with(list => [ 'x@elsewhere.example', 'y@elsewhere.example', 'y@elsewhere.example' ]);
	submit($root, '<>', [ '<list@example.com>', '<x@elsewhere.example>', '<x@elsewhere.example> NOTIFY=NEVER', '<list@example.com>' ]);
	my @entries = queued($root);
	is(scalar @entries, 2, 'one entry in his own name, one by the list');
	my ($own) = grep { $_->{message} !~ /^Delivered-To:/m } @entries;
	my ($copy) = grep { $_->{message} =~ /\AReturn-Path: <>\nDelivered-To: list\@example\.com\nReceived:/ } @entries;
	is_deeply(recipients($own), [ 'x@elsewhere.example' ], 'who is named has it in his own name, once'); ## smtp-stdio-forward
	is_deeply([ map { $_->{path} } @{$copy->{to}} ], [ 'y@elsewhere.example' ], 'who is not has it by the list, once'); ## smtp-stdio-forward
	is_deeply([ map { $_->{from} } @entries ], [ '', '' ], 'from the null sender, as it came'); ## smtp-stdio-forward-b
	isnt($own->{inode}, $copy->{inode}, 'and they are two files');
};

# Forwards of one and of several, whatever the port: what is passed on (RFC 3461 section 5.2.7)
my @asked = ('', 'NOTIFY=SUCCESS,FAILURE', 'NOTIFY=SUCCESS', 'NOTIFY=NEVER', 'NOTIFY=DELAY,SUCCESS ORCPT=rfc822;r@elsewhere.example');
my %passed = (
	one => [ 'ORCPT=rfc822;one@example.com', (map { "$_ ORCPT=rfc822;one\@example.com" } @asked[1 .. 3]), $asked[4] ],
	several => [ 'ORCPT=rfc822;several@example.com', 'NOTIFY=FAILURE ORCPT=rfc822;several@example.com',
	    'NOTIFY=NEVER ORCPT=rfc822;several@example.com', 'NOTIFY=NEVER ORCPT=rfc822;several@example.com',
	    'NOTIFY=DELAY ORCPT=rfc822;r@elsewhere.example' ],
);
for my $flags ([], [ '-l' ]) {
	subtest "forwards, @$flags" => sub {
		my $root = root_with(one => [ 'Y@Third.example' ], several => [ 'Y@Third.example', 'ann@example.com' ]);
		for my $account ('one', 'several') {
			for my $number (0 .. $#asked) {
				my ($log, @final) = submit($root, '<eve@elsewhere.example> RET=FULL ENVID=e', [ "<$account\@example.com> $asked[$number]" ],
				    flags => $flags);
				like($final[0], qr/^250 /, "$account $asked[$number]: it is taken");
				my @entries = queued($root);
				my ($entry) = grep { $_->{from} ne '' } @entries;
				my ($report) = grep { $_->{from} eq '' } @entries;
				is_deeply([ $entry->{from}, $entry->{parameters} ], [ 'eve@elsewhere.example', 'RET=FULL ENVID=e' ],
				    'the sender stays, with his parameters'); ## smtp-3461-5.2.7 smtp-stdio-forward smtp-stdio-forward-b
				is_deeply(recipients($entry), [ "Y\@Third.example $passed{$account}[$number]" ], 'what was asked for is passed on'); ## smtp-3461-5.2.7
				like($entry->{message}, qr/\A[^\n]+\nDelivered-To: $account\@example\.com\n/, 'with Delivered-To'); ## smtp-stdio-forward
				my $wants = $account eq 'several' && $asked[$number] =~ /SUCCESS/;
				is(defined $report, !!$wants, 'a report is made of what is spread, if that was asked for'); ## smtp-3461-5.2.7
				like($report->{message}, qr/\nFinal-Recipient: rfc822; several\@example\.com\nAction: relayed\n/, 'it says so') if $wants; ## smtp-3461-5.2.7
				my $queued = $entry->{id};
				like($log, qr/\bto=Y\@Third\.example via=$account\@example\.com queued=$queued /, 'the log says by whom') unless @$flags;
				empty_queue($root);
			}
		}
		is(scalar messages($root, 'ann@example.com'), scalar @asked, 'and who is here has all of them');
	};
}

subtest 'reports to other hosts' => sub {
	my $root = root_with();
	my ($log, @final) = submit($root, '<Eve@elsewhere.example> ENVID=e1', [ '<ann@example.com> NOTIFY=SUCCESS' ], flags => []);
	my @entries = queued($root);
	is(scalar @entries, 1, 'a report to a sender elsewhere is queued'); ## smtp-3461-5.2-a
	is_deeply([ $entries[0]{from}, $entries[0]{parameters} ], [ '', '' ], 'from the null sender'); ## smtp-3461-6.2
	is_deeply(recipients($entries[0]), [ 'Eve@elsewhere.example NOTIFY=NEVER' ], 'and brings no report itself'); ## smtp-3461-6.2
	like($entries[0]{message}, qr/\AReturn-Path: <>\n[^\0]*\nFrom: [^\n]*<postmaster\@mail\.example\.org>\nTo: <Eve\@elsewhere\.example>\n[^\0]*\nOriginal-Envelope-Id: e1\n[^\0]*\nAction: delivered\n/,
	    'it is one, from this host'); ## smtp-3461-5.2-a
	like($log, qr/ report id=\w+ to=Eve\@elsewhere\.example queued=$entries[0]{id}$/m, 'the log has it');
	empty_queue($root);
	submit($root, "<$_>", [ '<ann@example.com> NOTIFY=SUCCESS' ], flags => []) for '', 'nobody@example.com';
	is_deeply([ queue_files($root) ], [], 'none goes to nobody');

	$root = root_with(eve => [ 'ann@example.com', 'eve@third.example' ]);
	submit($root, '<eve@example.com>', [ '<carl@example.com> NOTIFY=SUCCESS' ], flags => []);
	@entries = queued($root);
	is_deeply([ map { @{recipients($_)} } @entries ], [ 'eve@third.example NOTIFY=NEVER ORCPT=rfc822;eve@example.com' ],
	    'one to an account goes where its mail goes');
	is(scalar messages($root, 'ann@example.com'), 1, 'here, too');
	is(scalar messages($root, 'eve@example.com'), 0, 'and nowhere else');
};

subtest 'UTF-8' => sub {
	my $address = "j\xc3\xb6rg\@th\xc3\xa9.example";
	my $root = root_with(one => [ $address ]);
	submit($root, '<bob@example.com> SMTPUTF8', [ "<$address> NOTIFY=NEVER ORCPT=utf-8;j\\x{F6}rg\@x.example" ]);
	my ($entry) = queued($root);
	is($entry->{parameters}, 'SMTPUTF8', 'that it is needed goes along');
	is_deeply(recipients($entry), [ "$address NOTIFY=NEVER ORCPT=utf-8;j\\x{F6}rg\@x.example" ], 'with an address as it was given');
	empty_queue($root);
	submit($root, '<bob@example.com> BODY=7BIT', [ '<one@example.com>' ], flags => []);
	($entry) = queued($root);
	is($entry->{parameters}, 'BODY=7BIT SMTPUTF8', 'and is said where a forward needs it');
};

subtest 'names that need quotes' => sub {
	my $root = root_with(one => [ 'a "b" c\d@elsewhere.example' ], two => [ 'x..y@elsewhere.example' ], three => [ 'x' x 250 . '@elsewhere.example', 'ann@example.com' ]);
	my ($log) = submit($root, '<bob@example.com>', [ map { "<$_\@example.com>" } 'one', 'two', 'three' ], flags => []);
	is_deeply([ sort map { $_->{to}[0]{path} } queued($root) ], [ '"a \"b\" c\\\\d"@elsewhere.example', '"x..y"@elsewhere.example' ],
	    'get them');
	like($log, qr/forward-skipped account=three\@example\.com target=x+\@elsewhere\.example reason=\S/, 'and one that is too long is passed over');
};

subtest 'a loop by way of another host' => sub {
	my $root = root_with(one => [ 'y@elsewhere.example' ]);
	submit($root, '<bob@example.com>', [ '<one@example.com>', '<ann@example.com>' ], flags => [],
	    text => "Delivered-To: one\@example.com\r\n$sent");
	is_deeply([ queue_files($root) ], [], 'does not go on');
	is(scalar messages($root, 'one@example.com'), 1, 'but ends in the mailbox of who began it'); ## smtp-stdio-forward
	my (undef, @final) = submit($root, '<bob@example.com>', [ '<one@example.com>' ], flags => [], text => "Delivered-To: one\@example.com\r\n$sent");
	like($final[0], qr/^554 5\.4\.6 /, 'or is refused, where that is the only recipient');
};

subtest 'refused messages' => sub {
	my $root = root_with();
	my (undef, @final) = submit($root, '<bob@example.com>', [ '<x@elsewhere.example>', '<ann@example.com>' ], text => "a\nb\r\n");
	like($final[0], qr/^550 /, 'a message that is refused');
	is_deeply([ queue_files($root) ], [], 'is not queued');
	rmdir "$root/outgoing/message";
	open my $file, '>', "$root/outgoing/message" or die "message: $!\n";
	(undef, @final) = submit($root, '<bob@example.com>', [ '<ann@example.com>', '<x@elsewhere.example>' ]);
	like($final[0], qr/^451 4\.3\.0 /, 'nor is one, where there can be no queue');
	is(scalar messages($root, 'ann@example.com'), 0, 'and nobody else has it'); ## smtp-5321-4.4-partial
	(undef, @final) = submit($root, '<bob@example.com>', [ '<ann@example.com>' ]);
	like($final[0], qr/^250 /, 'mail for here is taken all the same');
};

done_testing;
